#pragma once

#include "deploy/target.h"

#include <string>
#include <vector>

namespace nimbus::deploy {

enum class Action { create, update, replace, remove, keep };

constexpr bool is_new_life(Action action)
{
    return action == Action::create || action == Action::replace;
}

/// "create", "update", "replace", "delete", "keep".
std::string verb(Action action);

/// The reason to create what was never there.
inline constexpr const char* is_new = "is new";

struct Changes {
    int created = 0, updated = 0, deleted = 0, unchanged = 0;

    void count(Action action);
};

/// One line of a plan.
struct PlannedStep {
    std::string resource; ///< "function get-users"
    std::string type;     ///< "function"
    std::string name;     ///< "get-users", within its type
    Action action = Action::keep;
    std::vector<std::string> reasons; ///< "memory: 256 -> 512"; for create: why it is missing
    std::vector<std::string> notes;   ///< what a person may want to know of it
    bool loses_data = false;          ///< it deletes, or makes anew, something that holds data
};

/// Something that is not the program's, but somebody added to what is.
struct PlannedExtra {
    std::string resource;    ///< what it was added to
    std::string what;        ///< for people
    bool is_prunable = true; ///< deploy --prune deletes it
    bool operator==(const PlannedExtra&) const = default;
};

/// In the order of dependencies; resources that stay as they are have Action::keep.
struct PlanSummary {
    DeploymentId deployment;
    std::vector<PlannedStep> steps;
    std::vector<PlannedExtra> extras;
    std::vector<std::string> warnings; ///< what may not work, a sentence or two each
    /// Resources that carry this deployment's tags, where the bucket has no state of it: it was
    /// deployed with another bucket, or its state is lost. A deploy takes them over.
    std::vector<std::string> strays;

    bool changes_nothing() const;
    bool loses_data() const;
    /// What a deploy would report; what is replaced counts as updated.
    Changes changes() const;
};

} // namespace nimbus::deploy
