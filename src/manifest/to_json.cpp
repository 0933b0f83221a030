#include "base/json.h"
#include "manifest/files.h"
#include "manifest/parse.h"

namespace nimbus::manifest {
namespace {

json::array array_of(const std::vector<std::string>& texts)
{
    return json::array(texts.begin(), texts.end());
}

json::value log_retention_of(int days)
{
    return days == infinite_retention ? json::value("infinite") : json::value(days);
}

json::object object_of(const Function& function)
{
    json::object environment;
    for (const auto& [name, value] : function.environment)
        environment.emplace(name, value);
    json::array permissions;
    for (const auto& permission : function.permissions)
        permissions.push_back(json::object{{"Effect", permission.effect},
                                           {"Action", array_of(permission.actions)},
                                           {"Resource", array_of(permission.resources)}});
    json::object object{{"name", function.name},
                        {"description", function.description},
                        {"architecture", function.architecture},
                        {"memorySize", function.memory_megabytes},
                        {"timeout", function.timeout_seconds},
                        {"environment", std::move(environment)},
                        {"uses", array_of(function.uses)},
                        {"permissions", std::move(permissions)}};
    if (function.log_retention_days)
        object.emplace("logRetention", log_retention_of(*function.log_retention_days));
    return object;
}

} // namespace

std::string to_json(const Manifest& manifest, Sections sections)
{
    json::object document{{"version", manifest.version}, {"project", manifest.project},
                          {"region", manifest.region},   {"stage", manifest.stage},
                          {"runtime", manifest.runtime}, {"architecture", manifest.architecture}};
    if (manifest.log_retention_days)
        document.emplace("logRetention", log_retention_of(*manifest.log_retention_days));
    if (!manifest.permissions_boundary.empty())
        document.emplace("permissionsBoundary", manifest.permissions_boundary);
    if (auto files = files_of(manifest); !files.empty())
        document.emplace("files", std::move(files));
    for (const auto& section : sections)
        document.emplace(section.name, section.write(manifest));
    json::array functions;
    for (const auto& function : manifest.functions)
        functions.push_back(object_of(function));
    document.emplace("functions", std::move(functions));
    return pretty_json(document);
}

} // namespace nimbus::manifest
