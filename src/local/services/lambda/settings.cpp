#include "local/services/lambda/settings.h"

#include "base/text.h"
#include "local/services/lambda/lambda_service.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace {

using lambda_api::throw_invalid;

constexpr std::array<std::string_view, 6> runtimes{"provided.al2023", "provided.al2", "nodejs24.x",
                                                   "nodejs22.x",      "nodejs20.x",   "nodejs18.x"};

/// Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
constexpr std::array<std::string_view, 21> reserved_keys{"_HANDLER",
                                                         "_X_AMZN_TRACE_ID",
                                                         "AWS_DEFAULT_REGION",
                                                         "AWS_REGION",
                                                         "AWS_EXECUTION_ENV",
                                                         "AWS_LAMBDA_FUNCTION_NAME",
                                                         "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                         "AWS_LAMBDA_FUNCTION_VERSION",
                                                         "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                         "AWS_LAMBDA_LOG_GROUP_NAME",
                                                         "AWS_LAMBDA_LOG_STREAM_NAME",
                                                         "AWS_LAMBDA_MAX_CONCURRENCY",
                                                         "AWS_LAMBDA_METADATA_API",
                                                         "AWS_LAMBDA_METADATA_TOKEN",
                                                         "AWS_ACCESS_KEY",
                                                         "AWS_ACCESS_KEY_ID",
                                                         "AWS_SECRET_ACCESS_KEY",
                                                         "AWS_SESSION_TOKEN",
                                                         "AWS_LAMBDA_RUNTIME_API",
                                                         "LAMBDA_TASK_ROOT",
                                                         "LAMBDA_RUNTIME_DIR"};

constexpr std::size_t most_environment_bytes = 4096;

bool is_variable_name(std::string_view name)
{
    const auto letter = [](unsigned char c) { return std::isalpha(c) != 0; };
    return name.size() >= 2 && letter(static_cast<unsigned char>(name.front())) &&
           std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

void check_environment(const std::map<std::string, std::string>& variables)
{
    std::vector<std::string> reserved;
    for (const auto& [name, value] : variables) {
        if (std::ranges::find(reserved_keys, name) != reserved_keys.end())
            reserved.push_back(name);
        else if (!is_variable_name(name))
            throw ServiceError(400, "ValidationException",
                               "1 validation error detected: Value at 'environment.variables' "
                               "failed to satisfy constraint: Map keys must satisfy constraint: "
                               "[Member must satisfy regular expression pattern: "
                               "[a-zA-Z]([a-zA-Z0-9_])+]: " +
                                   name);
    }
    if (!reserved.empty())
        throw_invalid("Lambda was unable to configure your environment variables because the "
                      "environment variables you have provided contains reserved keys that are "
                      "currently not supported for modification. Reserved keys used in this "
                      "request: " +
                      join(reserved, ", "));
    const auto measured = json::serialize(map_to_json(variables));
    if (measured.size() > most_environment_bytes)
        throw_invalid("Lambda was unable to configure your environment variables because the "
                      "environment variables you have provided exceeded the 4KB limit. String "
                      "measured: " +
                      measured);
}

[[noreturn]] void refuse_setting(std::string_view name)
{
    throw_invalid("The local cloud does not support " + std::string(name) + ".");
}

/// The member `name` of the object `setting`.
std::string text_in(const Input& input, std::string_view setting, std::string_view name)
{
    const auto* object = input.object(setting);
    return object == nullptr ? "" : Input(*object, "ValidationException").text(name).value_or("");
}

/// A request may say that there is none.
void refuse_what_is_not_here(const Input& input)
{
    for (const auto* name : {"ImageConfig", "CodeSigningConfigArn", "CapacityProviderConfig",
                             "DurableConfig", "TenancyConfig"})
        if (input.has(name))
            refuse_setting(name);
    for (const auto* name : {"Layers", "FileSystemConfigs"})
        if (const auto* list = input.array(name); list != nullptr && !list->empty())
            refuse_setting(name);
    if (const auto* vpc = input.object("VpcConfig"))
        for (const auto* name : {"SubnetIds", "SecurityGroupIds"})
            if (const auto* list = array_member(*vpc, name); list != nullptr && !list->empty())
                refuse_setting("VpcConfig");
    if (!text_in(input, "DeadLetterConfig", "TargetArn").empty())
        throw_invalid("The local cloud has no dead-letter queues: leave out DeadLetterConfig.");
    if (!input.text("KMSKeyArn").value_or("").empty())
        throw_invalid("The local cloud has no keys of KMS: leave out KMSKeyArn.");
    if (text_in(input, "SnapStart", "ApplyOn") == "PublishedVersions")
        throw_invalid("The local cloud has no versions of functions: leave out SnapStart.");
    if (text_in(input, "LoggingConfig", "LogFormat") == "JSON")
        throw_invalid("The local cloud writes logs as text: LogFormat must be Text.");
    if (input.text("PackageType").value_or("Zip") != "Zip")
        throw_invalid("The local cloud runs functions from zip archives, not from images.");
}

void read_runtime(const Input& input, Function& function)
{
    const auto runtime = input.text("Runtime");
    if (!runtime)
        return;
    if (std::ranges::find(runtimes, *runtime) == runtimes.end())
        throw_invalid("Value " + *runtime +
                      " at 'runtime' failed to satisfy constraint: Member "
                      "must satisfy enum value set of the local cloud: [provided.al2023, "
                      "provided.al2, nodejs24.x, nodejs22.x, nodejs20.x, nodejs18.x]");
    function.runtime = *runtime;
}

} // namespace

void read_function_settings(const Input& input, Function& function)
{
    refuse_what_is_not_here(input);
    read_runtime(input, function);
    if (const auto handler = input.text("Handler")) {
        if (handler->empty() || handler->size() > 128 ||
            handler->find_first_of(" \t\r\n") != std::string::npos)
            input.refuse("1 validation error detected: Value '" + *handler +
                         "' at 'handler' failed to satisfy constraint: Member must satisfy "
                         "regular expression pattern: [^\\s]+ and have length less than or equal "
                         "to 128");
        function.handler = *handler;
    }
    if (const auto memory = input.integer("MemorySize", 128, 10'240))
        function.memory_megabytes = static_cast<int>(*memory);
    if (const auto timeout = input.integer("Timeout", 1, 900))
        function.timeout_seconds = static_cast<int>(*timeout);
    if (const auto* storage = input.object("EphemeralStorage"))
        if (const auto size = Input(*storage, "ValidationException").integer("Size", 512, 10'240))
            function.ephemeral_storage_megabytes = static_cast<int>(*size);
    if (const auto* environment = input.object("Environment")) {
        const auto variables = Input(*environment, "ValidationException")
                                   .map("Variables")
                                   .value_or(std::map<std::string, std::string>{});
        check_environment(variables);
        function.environment = variables;
    }
    if (auto group = text_in(input, "LoggingConfig", "LogGroup"); !group.empty())
        function.log_group = std::move(group);
}

std::map<std::string, std::string> checked_tags(const std::map<std::string, std::string>& tags)
{
    if (tags.size() > 50)
        throw_invalid("A function has at most 50 tags.");
    for (const auto& [key, value] : tags)
        if (key.empty() || key.size() > 128 || value.size() > 256 || key.starts_with("aws:"))
            throw_invalid("The tag \"" + key +
                          "\" is invalid: keys have 1 to 128 characters and "
                          "do not start with aws:, values have at most 256.");
    return tags;
}

} // namespace nimbus::local
