#include "local/instances/function_environment.h"

#include "base/arn.h"

#include <string_view>

namespace nimbus::local {

namespace {

/// "22" of "AWS_Lambda_nodejs22.x"; empty: it is not Node's.
std::string node_version(const Runtime& runtime)
{
    constexpr std::string_view prefix = "AWS_Lambda_nodejs";
    const auto& name = runtime.execution_environment;
    if (!name.starts_with(prefix))
        return {};
    return name.substr(prefix.size(), name.find('.') - prefix.size());
}

} // namespace

std::vector<std::string> function_environment(const EnvironmentParts& parts)
{
    const auto& [function, runtime, credentials, code, shared, log_stream, runtime_api] = parts;
    const auto task = code.string();
    std::map<std::string, std::string> variables = {
        {"LANG", "en_US.UTF-8"},
        {"LD_LIBRARY_PATH", "/lib64:/usr/lib64:" + runtime.directory + ":" + runtime.directory +
                                "/lib:" + task + ":" + task + "/lib:/opt/lib"},
        {"PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"},
        {"TZ", ":UTC"},
    };
    if (const auto version = node_version(runtime); !version.empty())
        variables["NODE_PATH"] = "/opt/nodejs/node" + version +
                                 "/node_modules:/opt/nodejs/node_modules:" + runtime.directory +
                                 "/node_modules";
    for (const auto& [name, value] : shared)
        variables[name] = value;
    for (const auto& [name, value] : function.environment)
        variables[name] = value;

    const auto arn = Arn::parse(function.arn);
    const auto region = arn ? arn->region : std::string();
    const std::map<std::string, std::string> reserved = {
        {"AWS_ACCESS_KEY_ID", credentials.access_key_id},
        {"AWS_DEFAULT_REGION", region},
        {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(function.memory_megabytes)},
        {"AWS_LAMBDA_FUNCTION_NAME", function.name},
        {"AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"},
        {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
        {"AWS_LAMBDA_LOG_GROUP_NAME", function.log_group},
        {"AWS_LAMBDA_LOG_STREAM_NAME", log_stream},
        {"AWS_LAMBDA_RUNTIME_API", runtime_api},
        {"AWS_REGION", region},
        {"AWS_SECRET_ACCESS_KEY", credentials.secret_access_key},
        {"AWS_SESSION_TOKEN", credentials.session_token},
        {"LAMBDA_RUNTIME_DIR", runtime.directory},
        {"LAMBDA_TASK_ROOT", task},
        {"_HANDLER", function.handler},
    };
    for (const auto& [name, value] : reserved)
        variables[name] = value;
    if (!runtime.execution_environment.empty())
        variables["AWS_EXECUTION_ENV"] = runtime.execution_environment;

    std::vector<std::string> list;
    list.reserve(variables.size());
    for (const auto& [name, value] : variables)
        list.push_back(name + "=" + value);
    return list;
}

} // namespace nimbus::local
