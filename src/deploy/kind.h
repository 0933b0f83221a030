#pragma once

#include "deploy/application.h"
#include "deploy/event_source.h"
#include "deploy/extras.h"
#include "deploy/fate.h"
#include "deploy/limits.h"
#include "deploy/link.h"
#include "deploy/outputs.h"
#include "deploy/resource.h"
#include "deploy/state.h"
#include "deploy/typed_resource.h"
#include "manifest/section.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A kind of resource that a program declares, such as a database or an API: all that the engine
/// and the command line know of it. One folder of deploy/kinds is one kind's home.
namespace nimbus::deploy {

/// How the core asks. Functions that are null have nothing to say.
struct Kind {
    std::string_view name;      ///< of one, in Output::kind
    std::string_view list;      ///< of all, in `deploy --json` and the manifest
    std::string_view id_member; ///< of an output's members: what AWS knows it by
    /// `deploy --json` has its list also when that is empty: scripts rely on it since 0.1.
    bool is_always_listed = false;

    /// Its list in the manifest; absent for functions, which every manifest has.
    std::optional<manifest::Section> section;
    std::vector<ResourceType> types;

    /// What the application wants, in any order.
    std::vector<Node> (*declare)(const Application&) = nullptr;
    /// What functions that use the thing of that name get; nothing when this kind has none.
    /// `role`: the name of their role's node.
    std::optional<Link> (*link)(const Application&, const std::string& name,
                                const std::string& role) = nullptr;
    /// What calls the application's functions.
    std::vector<EventSource> (*event_sources)(const Application&) = nullptr;

    /// The members of each declared thing's output, as its record in the state has them.
    std::vector<json::object> (*outputs)(const Application&, const State&) = nullptr;
    /// Throws Error when the members are not of the types that `outputs` gives them.
    void (*check_output)(const Output&) = nullptr;
    /// For people: lines that each begin with two spaces.
    std::string (*describe)(const Output&) = nullptr;
    /// What a person should do after a deploy, a sentence each: "The secret x has no value yet: …".
    std::vector<std::string> (*remarks)(World&, const Application&, const State&) = nullptr;
    /// An event as `nimbus invoke` sends it to a function unless it is given one. Nothing when the
    /// output's thing does not call that function.
    std::optional<json::object> (*sample_event)(const Output&,
                                                const std::string& function) = nullptr;

    /// What a person should know of what is declared before it is deployed, a sentence each. Calls
    /// AWS to read at most; throws Error where a deploy would fail.
    std::vector<std::string> (*warnings)(World&, const Application&) = nullptr;
    /// What of its things is more than AWS allows.
    std::vector<Excess> (*limits)(const Application&, const ExpectedGraph& graph) = nullptr;

    /// What a person who deploys, changes and destroys its things has to be allowed, those that are
    /// recorded and not declared any more among them; by names and ARNs as far as IAM can tell the
    /// things apart. Source: Service Authorization Reference.
    std::vector<Statement> (*deployer_statements)(const Application&) = nullptr;

    /// What there is with the tags of this deployment, for people ("the api shop-dev-web"): where
    /// no state tells. Some of its things will do. Calls AWS to read.
    std::vector<std::string> (*strays)(World&, Reads&) = nullptr;

    /// What somebody added to its things.
    std::vector<Extra> (*extras)(World&, Reads&, const Present&) = nullptr;

    /// What `destroy` does with its things; by default it deletes all.
    void (*decide_fate)(World&, const State&, DestroyMode, Fate&) = nullptr;
};

/// All kinds that there are. Immutable.
class Kinds {
public:
    explicit Kinds(std::vector<Kind> kinds);

    auto begin() const noexcept { return kinds_.begin(); }
    auto end() const noexcept { return kinds_.end(); }

    /// Nothing when there is no kind of that name.
    const Kind* find(std::string_view name) const;
    /// Throws Error when there is no such type of resource: the state was written by a newer
    /// Nimbus.
    const ResourceType& type(std::string_view name) const;
    manifest::Sections sections() const noexcept { return sections_; }

private:
    std::vector<Kind> kinds_;
    std::vector<manifest::Section> sections_;
};

/// Is something of one of these types deployed, or was it begun?
template <TypedResource... Types>
bool is_recorded(const Application& application)
{
    return application.recorded != nullptr &&
           std::ranges::any_of(application.recorded->records, [](const auto& entry) {
               return ((entry.second.type == Types::name) || ...);
           });
}

/// What the state has of the resource of `Type` with that name; empty members when it has none.
template <TypedResource Type>
typename Type::Outputs outputs_in(const State& state, std::string_view name)
{
    const auto* record = state.find(key_of<Type>(name));
    return record == nullptr ? typename Type::Outputs{}
                             : typed::outputs_from<Type>(record->outputs);
}

} // namespace nimbus::deploy
