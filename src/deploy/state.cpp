#include "deploy/state.h"

#include "base/error.h"

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
    if (const auto* keys = array_member(object, "dependsOn"))
        for (const auto& key : *keys)
            record.depends_on.emplace_back(key.as_string());
    if (const auto* outputs = object_member(object, "outputs"))
        record.outputs = *outputs;
    return record;
}

json::object to_json(const Outputs& outputs)
{
    json::array apis;
    for (const auto& api : outputs.apis) {
        json::array routes;
        for (const auto& route : api.routes)
            routes.emplace_back(json::object{
                {"method", route.method}, {"path", route.path}, {"function", route.function}});
        apis.emplace_back(json::object{
            {"name", api.name}, {"id", api.id}, {"url", api.url}, {"routes", std::move(routes)}});
    }
    json::array sql;
    for (const auto& database : outputs.sql)
        sql.emplace_back(json::object{{"name", database.name},
                                      {"identifier", database.identifier},
                                      {"endpoint", database.endpoint},
                                      {"port", database.port},
                                      {"arn", database.arn},
                                      {"schema", database.schema},
                                      {"dbRole", database.db_role}});
    json::array functions;
    for (const auto& function : outputs.functions)
        functions.emplace_back(json::object{
            {"name", function.name}, {"arn", function.arn}, {"logGroup", function.log_group}});
    return {
        {"apis", std::move(apis)}, {"sql", std::move(sql)}, {"functions", std::move(functions)}};
}

/// Calls `use` with each object of the array of that name.
template <class Use>
void for_each_object(const json::object& object, std::string_view name, Use use)
{
    if (const auto* array = array_member(object, name))
        for (const auto& element : *array)
            use(element.as_object());
}

Outputs outputs_from(const json::object& object, const DeploymentId& deployment)
{
    Outputs outputs;
    outputs.deployment = deployment;
    for_each_object(object, "apis", [&](const json::object& api) {
        auto& entry = outputs.apis.emplace_back();
        entry.name = string_or_empty(api, "name");
        entry.id = string_or_empty(api, "id");
        entry.url = string_or_empty(api, "url");
        for_each_object(api, "routes", [&](const json::object& route) {
            entry.routes.push_back({.method = string_or_empty(route, "method"),
                                    .path = string_or_empty(route, "path"),
                                    .function = string_or_empty(route, "function")});
        });
    });
    for_each_object(object, "sql", [&](const json::object& database) {
        auto& entry = outputs.sql.emplace_back();
        entry.name = string_or_empty(database, "name");
        entry.identifier = string_or_empty(database, "identifier");
        entry.endpoint = string_or_empty(database, "endpoint");
        entry.port = static_cast<int>(integer_member(database, "port").value_or(5432));
        entry.arn = string_or_empty(database, "arn");
        entry.schema = string_or_empty(database, "schema");
        entry.db_role = string_or_empty(database, "dbRole");
    });
    for_each_object(object, "functions", [&](const json::object& function) {
        outputs.functions.push_back({.name = string_or_empty(function, "name"),
                                     .arn = string_or_empty(function, "arn"),
                                     .log_group = string_or_empty(function, "logGroup")});
    });
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

ParsedState parse_state(const std::string& text, const std::string& source)
{
    const auto document = parse_json(text, source);
    try {
        const auto& object = document.as_object();
        const auto version = integer_member(object, "version").value_or(0);
        if (version > current_version)
            throw Error("it has version " + std::to_string(version) +
                        ", which only a newer Nimbus knows");
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
        if (const auto* outputs = object_member(object, "outputs"))
            state.outputs = outputs_from(*outputs, state.deployment);
        return {std::move(state), string_or_empty(object, "revision")};
    } catch (const std::exception& error) {
        throw Error("The state " + source + " cannot be read: " + error.what());
    }
}

} // namespace nimbus::deploy
