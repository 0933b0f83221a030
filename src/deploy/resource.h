#pragma once

#include "aws/operation.h"
#include "base/error.h"
#include "base/json.h"
#include "deploy/reads.h"
#include "deploy/world.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A resource as plan, journal and executor see it: in JSON, which the state holds and placeholders
/// are replaced in. The home of a type writes structs instead, see typed_resource.h.
namespace nimbus::deploy {

/// "<type> <name>".
std::string key_of(std::string_view type, std::string_view name);
/// Its parts again.
std::pair<std::string_view, std::string_view> type_and_name(std::string_view key);

/// A resource as the program wants it.
struct Node {
    std::string type;
    std::string name;
    /// How AWS calls it, where that is known before it is made: recorded before it is.
    json::object identity;
    /// What it has to look like; may hold placeholders for outputs of what it depends on.
    json::object inputs;
    std::vector<std::string> depends_on; ///< keys
    /// Keys of what it needs to work, not to be made: a change of it comes after them, and they go
    /// after it.
    std::vector<std::string> works_with;
    std::string parent;             ///< key of what it is a part of, and disappears with; or ""
    std::vector<std::string> notes; ///< what a person may want to know, shown with the plan
    std::string creation_note;      ///< goes before them where it is made, or made anew
    std::string update_note;        ///< goes before them where it is changed

    std::string key() const { return key_of(type, name); }
    /// Keys of all that it needs.
    std::vector<std::string> needs() const;
};

/// One resource, as the functions of its type get to see it.
struct Subject {
    std::string name;
    std::string nonce;           ///< see Record
    bool is_recorded = false;    ///< the state has proof that what is under its name is ours
    json::object outputs;        ///< its identity, and what is known of it
    json::object parent_outputs; ///< empty while there is no parent
};

/// A resource as it is.
struct Observed {
    json::object inputs;              ///< in the form of Node::inputs, as far as AWS tells
    json::object outputs;             ///< to be recorded
    std::string condition = "active"; ///< for people: "active", "CREATING", …
    std::string broken;               ///< it has to be made anew: why
    bool is_deleted = false;          ///< AWS keeps it only to restore it
    json::object settings = {};       ///< what no program declares, as far as AWS tells
};

/// What becomes of a resource that the program does not declare any more.
enum class Leaving {
    removes,    ///< it goes
    stays,      ///< until all is destroyed
    keeps_data, ///< it stays, because it holds data
    asks,       ///< it holds data and goes, but only after a person agreed
};

/// A type of resource: how to read what is there, and get from that to what is wanted. Inputs that
/// create and update get are complete: without placeholders. All may throw; all may be called again
/// after they failed, or were killed, in the middle.
struct ResourceType {
    std::string_view name;
    Leaving leaving = Leaving::removes;
    /// How a person has back what was deleted, "can be restored for 30 days"; empty: not at all.
    std::string_view recovery;

    /// Nothing if it does not exist. Throws NotOurs when something of somebody else is in its
    /// place.
    std::optional<Observed> (*read)(World&, Reads&, const Subject&) = nullptr;
    /// Why what is there has to be changed, in words: "memory: 256 -> 512".
    std::vector<std::string> (*differences)(const json::object& wanted,
                                            const Observed& observed) = nullptr;
    /// Those of `differences` that do not depend on what is wanted: settings that no program
    /// declares, and that somebody changed. Null where there are none.
    std::vector<std::string> (*altered_settings)(const Observed& observed) = nullptr;
    /// Returns its outputs. An aws::ApiError which says that it exists already is the engine's
    /// affair: an answer may have been lost.
    json::object (*create)(World&, const Subject&, const json::object& inputs) = nullptr;
    json::object (*update)(World&, const Subject&, const json::object& inputs,
                           const Observed& observed) = nullptr;
    /// Does nothing if it does not exist.
    void (*destroy)(World&, const Subject&) = nullptr;
    /// Outputs that AWS tells only after it was made, for all that a deploy made at once; null
    /// where there are none.
    json::object (*learn)(World&, Reads&, const Subject&) = nullptr;
    /// What its outputs will be like, in their lengths at least; null where its identity holds all
    /// that others refer to.
    json::object (*expected)(const Target&, const json::object& identity) = nullptr;
    /// What people find it by in AWS: an ARN, an id or a name. May be empty.
    std::string (*id)(const json::object& outputs) = nullptr;

    bool holds_data() const noexcept
    {
        return leaving == Leaving::keeps_data || leaving == Leaving::asks;
    }
    /// When the program does not declare it any more.
    bool is_kept() const noexcept
    {
        return leaving == Leaving::keeps_data || leaving == Leaving::stays;
    }
};

/// "memory: 256 -> 512", "environment GREETING: added", … for each member of `observed` that
/// differs from its twin in `wanted`. Values of nested objects are not shown: they may be secrets.
/// Those of lists are, where they are texts.
std::vector<std::string> compare_inputs(const json::object& wanted, const json::object& observed);

/// Those of Nimbus, as an input to compare.
aws::Tags own_tags(const aws::Tags& tags);

/// Does `present` have all of `wanted`?
bool has_tags(const aws::Tags& present, const aws::Tags& wanted);

/// Something in the place of a resource is somebody else's: nothing may be done to it.
class NotOurs : public Error {
public:
    using Error::Error;
};

/// A thing has the name of one that was ours, but no proof: somebody took off its tags, or deleted
/// it and made another one. It is neither changed nor deleted until a person says which.
class LostTags : public NotOurs {
public:
    using NotOurs::NotOurs;
};

/// What the state says of a thing that was found.
enum class Known {
    nothing, ///< or only that an attempt to make one of that name was begun
    by_name, ///< one of that name was ours
    by_id,   ///< this very one was ours
};

/// `recorded_id`: what AWS gave to ours and gives to no other one; empty where that is not known.
Known known_as(bool is_recorded, std::string_view recorded_id, std::string_view found_id);

/// What was found in the place of a resource has to carry this deployment's tags. One that is known
/// by its id may have lost them, but not name another deployment. Throws NotOurs that says `what`
/// is in the way otherwise; LostTags where one of that name was ours.
void check_owner(const World& world, Known known, const aws::Tags& tags, const std::string& what);

} // namespace nimbus::deploy
