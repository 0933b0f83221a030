#pragma once

#include "deploy/plan_summary.h"
#include "deploy/resource.h"
#include "deploy/state.h"
#include "deploy/task_graph.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace nimbus::deploy {

class Kinds;

/// What is there, by key; nothing for a resource that does not exist.
using Observations = std::unordered_map<std::string, std::optional<Observed>>;

/// What to do with one resource.
struct Step {
    Action action = Action::keep;
    const ResourceType* type = nullptr;
    bool is_declared = true;          ///< the program wants it; else it leaves
    Node node;                        ///< of one that leaves: type, name and parent only
    std::optional<Observed> observed; ///< what was read of it
    /// What was read is about to disappear: what it is a part of is made anew.
    bool goes_with_whole = false;
    std::vector<std::string> reasons;
    bool is_gone = false;     ///< of one that leaves: nothing is there to lose
    std::string held_for;     ///< of one that would leave: what of somebody's would go with it
    bool is_recorded = false; ///< the state has proof that what is there is ours
    /// Keys of resources that disappear with this one, by themselves.
    std::vector<std::string> takes_along;

    std::string key() const { return node.key(); }
    /// What the step starts from; null: from nothing.
    const Observed* present() const noexcept
    {
        return observed && !goes_with_whole ? &*observed : nullptr;
    }
    /// Is something deleted, or made anew, that holds data?
    bool loses_data() const;
};

struct Plan {
    std::vector<Step> steps; ///< in the order of dependencies
    Prerequisites after;     ///< for each step

    bool changes_nothing() const;
    /// Those whose action is not keep.
    int count_changes() const;
};

/// From what is wanted, known and there to the steps between. Resources that are no longer declared
/// are removed, in reverse order and after all that used them, unless they keep data.
/// `graph` is in the order of dependencies; it and the observations become parts of the steps.
/// Pure.
Plan make_plan(const Kinds& kinds, std::vector<Node> graph, const State& state,
               Observations observations);

/// Plans anew what leaves: `held` things stay, for something of somebody's would go with them (for
/// people, by their keys). Their parts that are ours leave all the same.
void keep_held(Plan& plan, const Kinds& kinds, const State& state,
               const std::map<std::string, std::string>& held);

/// The removal of these records, in reverse order.
Plan make_removal_plan(const Kinds& kinds, const State& state, const std::set<std::string>& doomed);

PlanSummary summarize(const Plan& plan, const DeploymentId& deployment);

} // namespace nimbus::deploy
