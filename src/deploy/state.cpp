#include "deploy/state.h"

#include "base/error.h"
#include "deploy/kind.h"

#include <algorithm>
#include <array>
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

Record::Status status_of(std::string_view text)
{
    for (const auto& [status, name] : status_names)
        if (name == text)
            return status;
    throw Error("unknown status '" + std::string(text) + "'");
}

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

Record record_from(const json::object& object)
{
    Record record{.type = string_or_empty(object, "type"),
                  .name = string_or_empty(object, "name"),
                  .status = status_of(string_or_empty(object, "status")),
                  .nonce = string_or_empty(object, "nonce"),
                  .parent = string_or_empty(object, "parent")};
    // Versions before 0.2 did not say.
    record.is_ours =
        bool_member(object, "owned").value_or(record.status != Record::Status::creating);
    if (const auto* keys = array_member(object, "dependsOn"))
        for (const auto& key : *keys)
            record.depends_on.emplace_back(key.as_string());
    if (const auto* outputs = object_member(object, "outputs"))
        record.outputs = *outputs;
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

/// A list for each kind, as versions before 0.2 wrote them.
void read_lists(const json::object& lists, const Kinds& kinds, std::vector<Output>& items)
{
    for (const auto& kind : kinds)
        if (const auto* list = array_member(lists, kind.list))
            for (const auto& element : *list) {
                const auto& members = element.as_object();
                items.push_back({.kind = std::string(kind.name),
                                 .name = string_or_empty(members, "name"),
                                 .id = string_or_empty(members, kind.id_member),
                                 .members = members});
            }
}

std::optional<Outputs> outputs_from(const json::object& document, const DeploymentId& deployment,
                                    const Kinds& kinds)
{
    Outputs outputs{.deployment = deployment};
    if (const auto* lists = object_member(document, "outputs")) {
        read_lists(*lists, kinds, outputs.items);
        return outputs;
    }
    const auto* items = array_member(document, "outputs");
    if (items == nullptr)
        return {};
    for (const auto& element : *items) {
        const auto& item = element.as_object();
        outputs.items.push_back({.kind = string_or_empty(item, "kind"),
                                 .name = string_or_empty(item, "name"),
                                 .id = string_or_empty(item, "id"),
                                 .members = item.at("members").as_object()});
    }
    return outputs;
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
    if (state.outputs)
        document["outputs"] = to_json(*state.outputs);
    return pretty_json(document);
}

ParsedState parse_state(const std::string& text, const std::string& source, const Kinds& kinds)
{
    const auto document = parse_json(text, source);
    try {
        const auto& object = document.as_object();
        const auto version = integer_member(object, "version").value_or(0);
        if (version > current_version)
            throw Error("it has version " + std::to_string(version) +
                        ", which only a newer Nimbus can read");
        if (version != current_version)
            throw Error("it has no version");
        State state;
        state.deployment = {.project = string_or_empty(object, "project"),
                            .stage = string_or_empty(object, "stage"),
                            .region = string_or_empty(object, "region")};
        state.account_id = string_or_empty(object, "account");
        if (const auto* resources = object_member(object, "resources"))
            for (const auto& [key, record] : *resources)
                state.records[key] = record_from(record.as_object());
        state.outputs = outputs_from(object, state.deployment, kinds);
        return {std::move(state), string_or_empty(object, "revision")};
    } catch (const std::exception& error) {
        throw Error("The state " + source + " cannot be read: " + error.what());
    }
}

} // namespace nimbus::deploy
