#include "base/json.h"
#include "manifest/parse.h"

namespace nimbus::manifest {
namespace {

json::object object_of(const Sql& sql);
json::object object_of(const Route& route);
json::object object_of(const Api& api);
json::object object_of(const Function& function);

template <class Items>
json::array array_of(const Items& items)
{
    json::array array;
    for (const auto& item : items)
        array.push_back(object_of(item));
    return array;
}

json::object object_of(const Sql& sql)
{
    json::object object{{"name", sql.name},
                        {"schema", sql.schema},
                        {"deletionProtection", sql.deletion_protection}};
    if (sql.cluster)
        object.emplace("cluster", *sql.cluster);
    return object;
}

json::object object_of(const Route& route)
{
    return {{"method", route.method}, {"path", route.path}, {"function", route.function}};
}

json::object object_of(const Api& api)
{
    return {{"name", api.name}, {"stage", api.stage}, {"routes", array_of(api.routes)}};
}

json::object object_of(const Function& function)
{
    json::object environment;
    for (const auto& [name, value] : function.environment)
        environment.emplace(name, value);
    return {{"name", function.name},
            {"memory", function.memory_megabytes},
            {"timeout", function.timeout_seconds},
            {"environment", std::move(environment)},
            {"uses", json::array(function.uses.begin(), function.uses.end())}};
}

} // namespace

std::string to_json(const Manifest& manifest)
{
    return pretty_json(json::object{{"version", manifest.version},
                                    {"project", manifest.project},
                                    {"region", manifest.region},
                                    {"stage", manifest.stage},
                                    {"runtime", manifest.runtime},
                                    {"architecture", manifest.architecture},
                                    {"sql", array_of(manifest.sql)},
                                    {"apis", array_of(manifest.apis)},
                                    {"functions", array_of(manifest.functions)}});
}

} // namespace nimbus::manifest
