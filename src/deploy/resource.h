#pragma once

#include "base/json.h"
#include "deploy/application.h"
#include "deploy/reads.h"
#include "deploy/references.h"
#include "deploy/world.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::deploy {

/// A resource as the program wants it.
struct Node {
    std::string type;
    std::string name;
    /// How AWS calls it, where that is known before it is made: recorded before it is.
    json::object identity;
    /// What it has to look like; may hold placeholders for outputs of what it depends on.
    json::object inputs;
    std::vector<std::string> depends_on; ///< keys
    std::string parent; ///< key of what it is a part of, and disappears with; or ""

    std::string key() const { return key_of(type, name); }
};

/// One resource, as the functions of its type get to see it.
struct Subject {
    std::string name;
    std::string nonce;           ///< see Record
    bool is_recorded = false;    ///< the state knows it: what is found under its name is ours
    json::object outputs;        ///< its identity, and what is known of it
    json::object parent_outputs; ///< empty while there is no parent

    std::string output(std::string_view key) const { return string_or_empty(outputs, key); }
    std::string parent_output(std::string_view key) const
    {
        return string_or_empty(parent_outputs, key);
    }
};

/// A resource as it is.
struct Observed {
    json::object inputs;              ///< in the form of Node::inputs, as far as AWS tells
    json::object outputs;             ///< to be recorded
    std::string condition = "active"; ///< for people: "active", "CREATING", …
    std::string broken;               ///< it has to be made anew: why
};

/// A kind of resource: how to say what is wanted, read what is there, and get from one to the
/// other. Inputs that create and update get are complete: without placeholders. All may throw; all
/// may be called again after they failed, or were killed, in the middle.
struct ResourceType {
    std::string_view name;
    bool holds_data = false; ///< is never deleted because it left the program

    std::vector<Node> (*declare)(const Application&);
    /// Nothing if it does not exist. Throws Error when something of somebody else is in its place.
    std::optional<Observed> (*read)(World&, Reads&, const Subject&);
    /// Why what is there has to be changed, in words: "memory: 256 -> 512". Unless given: compares
    /// the members of `observed.inputs` with those of `wanted`.
    std::vector<std::string> (*differences)(const json::object& wanted,
                                            const Observed& observed) = nullptr;
    /// Returns its outputs.
    json::object (*create)(World&, const Subject&, const json::object& inputs);
    json::object (*update)(World&, const Subject&, const json::object& inputs,
                           const Observed& observed);
    /// Does nothing if it does not exist.
    void (*destroy)(World&, const Subject&);
};

/// All types, in the order of dependencies.
std::span<const ResourceType> resource_types();
/// Throws Error when there is none of that name.
const ResourceType& resource_type(std::string_view name);

/// "memory: 256 -> 512", "environment GREETING: added", … for each member of `observed` that
/// differs from its twin in `wanted`. Values of nested objects are not shown: they may be secrets.
std::vector<std::string> compare_inputs(const json::object& wanted, const json::object& observed);

aws::Tags to_tags(const json::object& tags);
/// Those of Nimbus, as an input to compare.
json::object own_tags(const aws::Tags& tags);

/// Unless the state knows the subject, what was found in its place has to carry this deployment's
/// tags; throws Error that says `what` is in the way otherwise.
void check_owner(const World& world, const Subject& subject, const aws::Tags& tags,
                 const std::string& what);

} // namespace nimbus::deploy
