#include "core/manifest.h"

#include "base/error.h"

#include <string_view>

namespace nimbus::detail {

namespace {

#if defined(__aarch64__)
constexpr std::string_view architecture = "arm64";
#else
constexpr std::string_view architecture = "x86_64";
#endif

constexpr int default_memory_size = 256;

json::object head_of(const Application& application)
{
    const auto& options = application.options;
    json::object head{
        {"version", 1}, {"project", options.project_name}, {"region", options.region}};
    if (!options.stage.empty())
        head.emplace("stage", options.stage);
    head.emplace("runtime", "provided.al2023");
    head.emplace("architecture", architecture);
    return head;
}

int memory_size_of(const Function& function)
{
    const auto& memory = function.options.memory;
    const auto& memory_size = function.options.memory_size;
    if (memory && memory_size && *memory != *memory_size)
        throw Error(text_of(function.place) + ": the function " + function.name +
                    " has memory_size " + std::to_string(*memory_size) + " and memory " +
                    std::to_string(*memory) +
                    ", which is the former name of the same option; keep memory_size");
    return memory_size.value_or(memory.value_or(default_memory_size));
}

json::object entry_of(const permission& statement)
{
    return {{"Effect", statement.effect},
            {"Action", to_json(statement.action)},
            {"Resource", to_json(statement.resource)}};
}

json::object entry_of(const Function& function)
{
    const auto& options = function.options;
    json::object entry{{"name", function.name},
                       {"memorySize", memory_size_of(function)},
                       {"timeout", options.timeout},
                       {"environment", to_json(options.environment)}};
    if (!options.description.empty())
        entry.emplace("description", options.description);
    if (const auto& names = options.uses.texts())
        entry.emplace("uses", to_json(*names));
    if (!options.permissions.empty()) {
        json::array statements;
        for (const auto& statement : options.permissions)
            statements.push_back(entry_of(statement));
        entry.emplace("permissions", std::move(statements));
    }
    return entry;
}

} // namespace

ManifestWriter describe(const Application& application)
{
    ManifestWriter manifest(head_of(application), application.place);
    for (const auto& kind : application.kinds())
        kind->describe(manifest);
    for (const auto& function : application.functions())
        manifest.add("functions", entry_of(function), function.place);
    return manifest;
}

} // namespace nimbus::detail
