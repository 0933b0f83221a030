#include "manifest/parse.h"

#include "base/json.h"
#include "manifest/check.h"
#include "manifest/grammar.h"
#include "manifest/reader.h"
#include "routes/route_path.h"

#include <algorithm>

namespace nimbus::manifest {
namespace {

constexpr std::size_t most_bytes = 1024 * 1024;
constexpr int known_version = 1;

Sql read_sql(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path, {"name", "schema", "deletionProtection", "cluster"}, problems);
    Sql sql;
    sql.name = reader.required_text("name", name_rule);
    sql.schema = reader.required_text("schema", schema_rule);
    sql.deletion_protection = reader.boolean("deletionProtection").value_or(true);
    sql.cluster = reader.text("cluster", name_rule);
    return sql;
}

Route read_route(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path, {"method", "path", "function"}, problems);
    Route route;
    route.method = reader.required_text("method", method_rule,
                                        {routes::methods.begin(), routes::methods.end()});
    route.path = reader.required_text("path", routes::path_mistake);
    route.function = reader.required_text("function", function_name_rule);
    return route;
}

Api read_api(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path, {"name", "stage", "routes"}, problems);
    Api api;
    api.name = reader.required_text("name", name_rule);
    api.stage = reader.text("stage", stage_rule).value_or("");
    reader.each("routes", [&](const json::value& route, const std::string& route_path) {
        api.routes.push_back(read_route(route, route_path, problems));
    });
    return api;
}

/// Each name once, though it may be declared twice by mistake.
std::vector<std::string> names_of(const std::vector<Sql>& databases)
{
    std::vector<std::string> names;
    for (const auto& sql : databases)
        if (std::ranges::find(names, sql.name) == names.end())
            names.push_back(sql.name);
    return names;
}

/// `uses` stays empty where it is absent.
struct FunctionReading {
    Function function;
    bool uses_all;
};

FunctionReading read_function(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path, {"name", "memory", "timeout", "environment", "uses"},
                        problems);
    Function function;
    function.name = reader.required_text("name", function_name_rule);
    function.memory_megabytes =
        reader.integer("memory", 128, 10'240, "megabytes").value_or(function.memory_megabytes);
    function.timeout_seconds =
        reader.integer("timeout", 1, 900, "seconds").value_or(function.timeout_seconds);
    function.environment = reader.text_map("environment");
    auto uses = reader.text_list("uses");
    const bool uses_all = !uses;
    function.uses = std::move(uses).value_or(std::vector<std::string>());
    return {std::move(function), uses_all};
}

/// Another version has other fields, so nothing else is said about it.
void check_version(const json::value& document, Problems& problems)
{
    const auto* object = document.if_object();
    const auto* version = object != nullptr ? object->if_contains("version") : nullptr;
    if (object == nullptr)
        return;
    if (version == nullptr)
        problems.add("version", "is missing: it must be 1");
    else if (!version->is_number() || version->to_number<double>() != known_version)
        problems.add("version", "must be 1: this version of Nimbus reads no other");
}

Manifest read_document(const json::value& document, Problems& problems)
{
    ObjectReader reader(document, "",
                        {"version", "project", "region", "stage", "runtime", "architecture", "sql",
                         "apis", "functions"},
                        problems);
    Manifest manifest;
    manifest.project = reader.required_text("project", name_rule);
    manifest.region = reader.required_text("region", region_rule);
    manifest.stage = reader.text("stage", stage_rule).value_or("");
    manifest.runtime = reader.required_text("runtime", runtime_rule);
    manifest.architecture = reader.required_text("architecture", architecture_rule);
    reader.each("sql", [&](const json::value& value, const std::string& path) {
        manifest.sql.push_back(read_sql(value, path, problems));
    });
    reader.each("apis", [&](const json::value& value, const std::string& path) {
        manifest.apis.push_back(read_api(value, path, problems));
    });
    reader.each("functions", [&](const json::value& value, const std::string& path) {
        auto [function, uses_all] = read_function(value, path, problems);
        if (uses_all)
            function.uses = names_of(manifest.sql);
        manifest.functions.push_back(std::move(function));
    });
    return manifest;
}

void fill_in_stages(Manifest& manifest)
{
    for (const auto& api : manifest.apis)
        if (manifest.stage.empty())
            manifest.stage = api.stage;
    if (manifest.stage.empty())
        manifest.stage = "dev";
    for (auto& api : manifest.apis)
        if (api.stage.empty())
            api.stage = manifest.stage;
}

} // namespace

Manifest parse_manifest(std::string_view json_text, const std::string& source)
{
    if (json_text.size() > most_bytes)
        throw UsageError("The manifest of " + source + " is larger than 1 MB");
    const auto document = parse_json(json_text, "The manifest of " + source);
    Problems problems;
    check_version(document, problems);
    if (!problems.empty())
        throw ManifestError(source, problems.take());
    auto manifest = read_document(document, problems);
    fill_in_stages(manifest);
    check_relations(manifest, problems);
    if (!problems.empty())
        throw ManifestError(source, problems.take());
    return manifest;
}

Manifest with_stage(Manifest manifest, std::string_view stage)
{
    if (!stage_rule.holds(stage))
        throw UsageError("The stage must be " + std::string(stage_rule.allowed) + ", not " +
                         quoted(stage));
    manifest.stage = stage;
    for (auto& api : manifest.apis)
        api.stage = stage;
    return manifest;
}

} // namespace nimbus::manifest
