#include "deploy/state.h"

#include "base/described.h"
#include "base/error.h"
#include "deploy/kind.h"
#include "deploy/lock_object.h"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace nimbus::deploy {
namespace {

constexpr std::int64_t current_version = 1;

constexpr std::array<std::pair<Record::Status, std::string_view>, 5> status_names{{
    {Record::Status::creating, "creating"},
    {Record::Status::ready, "ready"},
    {Record::Status::updating, "updating"},
    {Record::Status::deleting, "deleting"},
    {Record::Status::kept, "kept"},
}};

json::object to_json(const Record& record)
{
    json::array depends_on;
    for (const auto& key : record.depends_on)
        depends_on.emplace_back(key);
    json::object object{{"type", record.type},
                        {"name", record.name},
                        {"status", to_text(record.status)},
                        {"owned", record.is_ours},
                        {"nonce", record.nonce}};
    if (!record.parent.empty())
        object["parent"] = record.parent;
    object["dependsOn"] = std::move(depends_on);
    object["outputs"] = record.outputs;
    return object;
}

/// How a record stands in JSON.
struct RecordForm {
    std::string type;
    std::string name;
    std::string status;
    std::optional<bool> owned;
    std::string nonce;
    std::string parent;
    std::vector<std::string> depends_on;
    json::object outputs;
};
BOOST_DESCRIBE_STRUCT(RecordForm, (),
                      (type, name, status, owned, nonce, parent, depends_on, outputs))

std::string path_of(const std::string& key)
{
    return "resources[\"" + key + "\"]";
}

/// The result of `read`; what it throws is said to be wrong at `path`.
template <class Read>
auto in_place(const std::string& path, Read read)
{
    try {
        return read();
    } catch (const Error& error) {
        throw Error(path + " is wrong: " + error.what());
    }
}

/// Of the resource of that key.
Record::Status status_of(std::string_view text, const std::string& key)
{
    for (const auto& [status, name] : status_names)
        if (name == text)
            return status;
    throw Error(path_of(key) + ".status is unknown: '" + std::string(text) + "'");
}

/// What is proved to have been made is known by something.
bool was_made(Record::Status status)
{
    return status == Record::Status::ready || status == Record::Status::updating;
}

/// A type that this version does not know is a newer one's: whoever needs it says so.
const ResourceType* find_type(const Kinds& kinds, std::string_view name)
{
    for (const auto& kind : kinds)
        for (const auto& type : kind.types)
            if (type.name == name)
                return &type;
    return nullptr;
}

/// Throws Error when its type could not work with them.
void check_outputs(const Record& record, const Kinds& kinds)
{
    const auto path = path_of(record.key()) + ".outputs";
    const auto* type = find_type(kinds, record.type);
    if (type == nullptr || type->id == nullptr)
        return;
    const auto id = in_place(path, [&] { return type->id(record.outputs); });
    if (id.empty() && was_made(record.status))
        throw Error(path + " do not say how AWS calls it");
}

Record record_from(RecordForm form, const std::string& key)
{
    Record record{.type = std::move(form.type),
                  .name = std::move(form.name),
                  .status = status_of(form.status, key),
                  .nonce = std::move(form.nonce),
                  .parent = std::move(form.parent),
                  .depends_on = std::move(form.depends_on),
                  .outputs = std::move(form.outputs)};
    // Versions before 0.2 did not say.
    record.is_ours = form.owned.value_or(record.status != Record::Status::creating);
    if (record.key() != key)
        throw Error(path_of(key) + " is about another resource: " + record.key());
    return record;
}

json::array to_json(const Outputs& outputs)
{
    json::array items;
    for (const auto& item : outputs.items)
        items.emplace_back(json::object{
            {"kind", item.kind}, {"name", item.name}, {"id", item.id}, {"members", item.members}});
    return items;
}

struct OutputForm {
    std::string kind;
    std::string name;
    std::string id;
    json::object members;
};
BOOST_DESCRIBE_STRUCT(OutputForm, (), (kind, name, id, members))

/// A list for each kind, as versions before 0.2 wrote them.
void read_lists(const json::value& value, const Kinds& kinds, std::vector<Output>& items)
{
    const auto lists =
        described::from_json<std::map<std::string, std::vector<json::object>>>(value, "outputs");
    for (const auto& kind : kinds)
        if (const auto list = lists.find(std::string(kind.list)); list != lists.end())
            for (const auto& members : list->second)
                items.push_back({.kind = std::string(kind.name),
                                 .name = string_or_empty(members, "name"),
                                 .id = string_or_empty(members, kind.id_member),
                                 .members = members});
}

Outputs outputs_from(const json::value& value, const DeploymentId& deployment, const Kinds& kinds)
{
    Outputs outputs{.deployment = deployment};
    if (value.is_object()) {
        read_lists(value, kinds, outputs.items);
        return outputs;
    }
    for (auto& form : described::from_json<std::vector<OutputForm>>(value, "outputs"))
        outputs.items.push_back({.kind = std::move(form.kind),
                                 .name = std::move(form.name),
                                 .id = std::move(form.id),
                                 .members = std::move(form.members)});
    return outputs;
}

/// Throws Error when the commands that print and use them could not.
void check_outputs(const Outputs& outputs, const Kinds& kinds)
{
    for (const auto& output : outputs.items) {
        if (output.kind.empty() || output.name.empty())
            throw Error("outputs has an element without its kind or name");
        if (const auto* kind = kinds.find(output.kind);
            kind != nullptr && kind->check_output != nullptr)
            in_place("outputs", [&] { kind->check_output(output); });
    }
}

/// Throws Error when a resource is a part of itself.
void check_parents(const std::map<std::string, Record>& records)
{
    std::set<std::string> sound;
    for (const auto& entry : records) {
        std::set<std::string> wholes;
        for (auto place = records.find(entry.first);
             place != records.end() && !sound.contains(place->first);
             place = records.find(place->second.parent))
            if (!wholes.insert(place->first).second)
                throw Error(path_of(place->first) + ".parent makes it a part of itself");
        sound.merge(wholes);
    }
}

/// How a state stands in JSON, its resources and outputs apart.
struct StateForm {
    int version = 0;
    std::string revision;
    std::string project;
    std::string stage;
    std::string region;
    std::string account;
    std::optional<bool> preview;
};
BOOST_DESCRIBE_STRUCT(StateForm, (), (version, revision, project, stage, region, account, preview))

std::string text_of(const DeploymentId& id)
{
    return id.project + " (" + id.stage + ", " + id.region + ")";
}

std::map<std::string, Record> records_from(const json::value& resources, const Kinds& kinds)
{
    const described::Path path{.whole = nullptr, .name = "its resources"};
    const auto* object = resources.if_object();
    if (object == nullptr)
        throw Error(path.text() + " must be an object");
    std::map<std::string, Record> records;
    for (const auto& [name, value] : *object) {
        std::string key = name;
        auto form = described::from_json<RecordForm>(value, {.whole = &path, .name = key});
        auto record = record_from(std::move(form), key);
        check_outputs(record, kinds);
        records.emplace_hint(records.end(), std::move(key), std::move(record)); // they are sorted
    }
    check_parents(records);
    return records;
}

ParsedState state_from(const json::object& document, const DeploymentId& deployment,
                       const Kinds& kinds)
{
    const auto form = described::from_json<StateForm>(document, "it");
    State state{.deployment = {.project = form.project, .stage = form.stage, .region = form.region},
                .account_id = form.account,
                .is_preview = form.preview.value_or(false)};
    if (state.deployment != deployment)
        throw Error("it is the state of " + text_of(state.deployment) + ", not of " +
                    text_of(deployment));
    if (state.account_id.empty())
        throw Error("its account is missing");
    const auto* resources = document.if_contains("resources");
    if (resources == nullptr)
        throw Error("it has no resources");
    state.records = records_from(*resources, kinds);
    if (const auto* outputs = document.if_contains("outputs"); outputs && !outputs->is_null()) {
        state.outputs = outputs_from(*outputs, deployment, kinds);
        check_outputs(*state.outputs, kinds);
    }
    return {.state = std::move(state), .revision = form.revision};
}

/// Its version, which decides how the rest is read.
std::int64_t version_of(const json::object& document)
{
    const auto version = integer_member(document, "version");
    if (!version || *version < 1)
        throw Error("it has no version");
    return *version;
}

} // namespace

std::string_view to_text(Record::Status status)
{
    return std::ranges::find(status_names, status, &decltype(status_names)::value_type::first)
        ->second;
}

const Record* State::find(const std::string& key) const
{
    const auto found = records.find(key);
    return found == records.end() ? nullptr : &found->second;
}

bool State::settled() const
{
    return std::ranges::all_of(records, [](const auto& entry) {
        const auto status = entry.second.status;
        return status == Record::Status::ready || status == Record::Status::kept;
    });
}

std::string to_json(const State& state, const std::string& revision)
{
    json::object resources;
    for (const auto& [key, record] : state.records)
        resources[key] = to_json(record);
    json::object document{{"version", current_version},          {"revision", revision},
                          {"project", state.deployment.project}, {"stage", state.deployment.stage},
                          {"region", state.deployment.region},   {"account", state.account_id},
                          {"resources", std::move(resources)}};
    if (state.is_preview)
        document["preview"] = true;
    if (state.outputs)
        document["outputs"] = to_json(*state.outputs);
    return pretty_json(document);
}

ParsedState parse_state(const std::string& text, const std::string& location,
                        const DeploymentId& deployment, const Kinds& kinds)
{
    try {
        const JsonDocument parsed(text, "it");
        const auto* document = parsed.root().if_object();
        if (document == nullptr)
            throw Error("it is not a JSON object");
        if (version_of(*document) > current_version)
            throw NewerState("The state " + location + " was written by a newer Nimbus",
                             "Install that version, or a newer one.");
        return state_from(*document, deployment, kinds);
    } catch (const NewerState&) {
        throw;
    } catch (const Error& error) {
        throw DamagedState("The state " + location + " cannot be used: " + error.what(),
                           "If the bucket keeps versions, restore the last good one of that "
                           "object. Otherwise '" +
                               unlock_command(deployment) +
                               "' shows it and sets it aside: the next deploy finds the resources "
                               "by their names and tags.");
    }
}

} // namespace nimbus::deploy
