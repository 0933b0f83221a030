#pragma once

#include "deploy/observe.h"
#include "deploy/state.h"
#include "deploy/typed_resource.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What somebody added to our things by hand, or with another tool. It is shown, and deleted only
/// when a person asks for that.
namespace nimbus::deploy {

struct Extra {
    std::string resource; ///< what it was added to: "role functions"
    std::string what;     ///< "the inline policy admin"
    std::function<void(World&)> remove;
};

/// A resource that is there, as far as the engine knows it.
template <TypedResource Type>
struct PresentOf {
    std::string name;
    typename Type::Outputs outputs;
    std::optional<typename Type::Parent::Outputs> parent;
};

/// All that a deployment has: what is declared and was found, and what is recorded besides.
class Present {
public:
    Present(const std::vector<Node>& nodes, const Observations& found, const State& state);

    template <TypedResource Type>
    std::vector<PresentOf<Type>> of() const
    {
        std::vector<PresentOf<Type>> all;
        for (const auto& [key, thing] : things_) {
            if (thing.type != Type::name)
                continue;
            PresentOf<Type> present{.name = thing.name,
                                    .outputs = typed::outputs_from<Type>(thing.outputs),
                                    .parent = {}};
            if constexpr (!std::same_as<typename Type::Parent, NoParent>)
                if (const auto parent = things_.find(thing.parent); parent != things_.end())
                    present.parent =
                        typed::outputs_from<typename Type::Parent>(parent->second.outputs);
            all.push_back(std::move(present));
        }
        return all;
    }

private:
    std::map<std::string, Record> things_; ///< by key
};

/// Asks all kinds. Calls AWS to read.
std::vector<Extra> find_extras(World& world, Reads& reads, const Present& present);

} // namespace nimbus::deploy
