#pragma once

#include "deploy/plan.h"
#include "deploy/state.h"
#include "deploy/typed_resource.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What somebody added to our things by hand, or with another tool. It is shown, and deleted only
/// when a person asks for that.
namespace nimbus::deploy {

struct Extra {
    std::string resource;               ///< what it was added to: "role functions"
    std::string what;                   ///< "the inline policy admin"
    std::function<void(World&)> remove; ///< empty: only its owner may
    /// It is a thing of its own, which goes with the resource: a schedule with its group.
    bool is_lost_with_it = false;
    /// Keys of what AWS does not delete while it is there: the integration that a route leads to.
    std::vector<std::string> blocks = {};
};

/// A resource that is there, as far as the engine knows it.
template <TypedResource Type>
struct PresentOf {
    std::string name;
    typename Type::Outputs outputs;
    std::optional<typename Type::Parent::Outputs> parent;
};

/// All that a deployment has: what is declared and was found, and what is recorded besides. Refers
/// to the state and the plan.
class Present {
public:
    /// `plan`: what was found for it; null: all that is recorded counts.
    explicit Present(const State& state, const Plan* plan = nullptr);
    /// What was found of `nodes`. Refers to them and to the observations.
    Present(const State& state, const std::vector<Node>& nodes, const Observations& found);

    /// By name.
    template <TypedResource Type>
    std::vector<PresentOf<Type>> of() const
    {
        std::vector<PresentOf<Type>> all;
        const auto things = things_.find(Type::name);
        if (things == things_.end())
            return all;
        all.reserve(things->second.size());
        for (const auto& [name, thing] : things->second) {
            PresentOf<Type> present{
                .name = std::string(name), .outputs = outputs_of<Type>(thing), .parent = {}};
            if constexpr (!std::same_as<typename Type::Parent, NoParent>)
                if (const auto* parent = find(thing.parent))
                    present.parent = outputs_of<typename Type::Parent>(*parent);
            all.push_back(std::move(present));
        }
        return all;
    }

private:
    /// What is known of a thing; null where there is nothing.
    struct Thing {
        std::string_view parent; ///< key
        const json::object* recorded = nullptr;
        const json::object* identity = nullptr;
        const json::object* observed = nullptr;
    };

    template <class Type>
    static typename Type::Outputs outputs_of(const Thing& thing)
    {
        return typed::outputs_from<Type>({thing.recorded, thing.identity, thing.observed});
    }
    const Thing* find(std::string_view key) const;
    void take(const Node& node, const std::optional<Observed>& observed);

    std::map<std::string_view, std::map<std::string_view, Thing>> things_; ///< by type and name
};

/// Asks all kinds, at the same time. Calls AWS to read.
std::vector<Extra> find_extras(World& world, Reads& reads, const Present& present);

/// What of somebody's would go with resources, where it is a thing of its own: for people, by their
/// keys.
std::map<std::string, std::string> held_by(const std::vector<Extra>& extras);

/// Why a plan that does not prune cannot be carried out: AWS does not delete what leaves while
/// somebody's things use it. A sentence each, without the full stop.
std::vector<std::string> blocked_removals(const Plan& plan, const std::vector<Extra>& extras);

} // namespace nimbus::deploy
