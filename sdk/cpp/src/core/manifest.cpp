#include "core/manifest.h"

#include "base/architecture.h"
#include "base/error.h"
#include "core/function_settings.h"

#include <algorithm>

namespace nimbus::detail {

namespace {

constexpr int default_memory_size = 256; ///< megabytes
constexpr int default_timeout = 30;      ///< seconds

json::value entry_of(std::chrono::days log_retention)
{
    return log_retention == infinite_retention ? json::value("infinite")
                                               : json::value(log_retention.count());
}

json::object head_of(const Application& application)
{
    const auto& options = application.options;
    json::object head{
        {"version", 1}, {"project", options.project_name}, {"region", options.region}};
    if (!options.stage.empty())
        head.emplace("stage", options.stage);
    head.emplace("runtime", "provided.al2023");
    head.emplace("architecture",
                 options.architecture.empty() ? host_architecture : options.architecture);
    if (options.log_retention)
        head.emplace("logRetention", entry_of(*options.log_retention));
    if (!options.permissions_boundary.empty())
        head.emplace("permissionsBoundary", options.permissions_boundary);
    if (!options.files.empty())
        head.emplace("files", to_json(options.files));
    return head;
}

json::object entry_of(const permission& statement)
{
    return {{"Effect", statement.effect},
            {"Action", to_json(statement.action)},
            {"Resource", to_json(statement.resource)}};
}

json::object entry_of(const Function& function)
{
    const auto options = settings_of(function);
    json::object entry{{"name", function.name},
                       {"memorySize", options.memory_size.value_or(default_memory_size)},
                       {"timeout", options.timeout.value_or(default_timeout)},
                       {"environment", to_json(options.environment)}};
    if (!options.description.empty())
        entry.emplace("description", options.description);
    if (!options.architecture.empty())
        entry.emplace("architecture", options.architecture);
    if (const auto& names = options.uses.texts())
        entry.emplace("uses", to_json(*names));
    if (options.log_retention)
        entry.emplace("logRetention", entry_of(*options.log_retention));
    if (!options.permissions.empty()) {
        json::array statements;
        for (const auto& statement : options.permissions)
            statements.push_back(entry_of(statement));
        entry.emplace("permissions", std::move(statements));
    }
    return entry;
}

void check_name(const Application& application, const Function& shared)
{
    const auto& functions = application.functions();
    const auto other = std::ranges::find_if(functions, [&](const Function& function) {
        return function.name == shared.name && !function.is_shared;
    });
    if (other == functions.end())
        return;
    const auto& first = shared.declarations.front();
    const auto& taken = other->declarations.front();
    throw Error(text_of(first.place) + ": " + first.subject + " shares a function " + shared.name +
                ", but that is the name of the function of " + taken.subject + " (" +
                text_of(taken.place) + "): choose another name");
}

} // namespace

ManifestWriter describe(const Application& application)
{
    ManifestWriter manifest(head_of(application), application.place);
    for (const auto& kind : application.kinds())
        kind->describe(manifest);
    for (const auto& function : application.functions()) {
        if (function.is_shared)
            check_name(application, function);
        manifest.add("functions", entry_of(function), function.declarations.front().place);
    }
    return manifest;
}

} // namespace nimbus::detail
