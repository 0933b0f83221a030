#include "aws/ops/lambda/functions.h"
#include "aws/ops/lambda/tags.h"
#include "base/encoding.h"
#include "base/error.h"
#include "deploy/resources/catalog.h"
#include "manifest/names.h"

#include <algorithm>

/// A Lambda function. All functions of an application have the same code; `Handler` tells them
/// apart.
namespace nimbus::deploy {
namespace {

using aws::lambda::FunctionConfiguration;

/// How long a new role may be unknown to Lambda.
constexpr std::chrono::seconds role_limit{60};
constexpr std::chrono::seconds settling_limit{300};

json::object environment_of(const Application& application, const manifest::Function& function)
{
    json::object variables;
    for (const auto& [name, value] : function.environment)
        variables[name] = value;
    for (const auto& name : function.uses) {
        const auto& sql = sql_named(application.manifest, name);
        const auto cluster = cluster_key(sql);
        for (const auto& [variable, value] :
             manifest::sql_environment(sql, {.endpoint = output_of(cluster, "endpoint"),
                                             .identifier = output_of(cluster, "identifier"),
                                             .arn = output_of(cluster, "arn")}))
            variables[variable] = value;
    }
    return variables;
}

Node function_node(const Application& application, const manifest::Function& function)
{
    const auto& manifest = application.manifest;
    const auto name = manifest::lambda_function_name(manifest, function);
    Node node{.type = "function",
              .name = function.name,
              .identity = {{"functionName", name},
                           {"arn", arn_of(application.target, "lambda", "function:" + name)}},
              .depends_on = {artifact_key(application.artifact), log_group_key(function),
                             role_key(application, function)}};
    for (const auto& used : function.uses) {
        const auto cluster = cluster_key(sql_named(manifest, used));
        if (std::ranges::find(node.depends_on, cluster) == node.depends_on.end())
            node.depends_on.push_back(cluster);
    }
    const auto digest = hex_decode(application.artifact.sha256);
    node.inputs = {{"functionName", name},
                   {"runtime", manifest.runtime},
                   {"architecture", manifest.architecture},
                   {"handler", manifest::lambda_handler(manifest, function)},
                   {"role", iam_role_arn(application, function)},
                   {"memory", function.memory_megabytes},
                   {"timeout", function.timeout_seconds},
                   {"environment", environment_of(application, function)},
                   {"code", json::object{{"sha256", base64_encode(digest.value_or(""))}}},
                   {"codeBucket", application.target.bucket},
                   {"codeKey", artifact_object_key(application)},
                   {"tags", tags_input(application, node.type, node.name)}};
    return node;
}

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& function : application.manifest.functions)
        nodes.push_back(function_node(application, function));
    return nodes;
}

json::object outputs_of(const FunctionConfiguration& configuration)
{
    return {{"functionName", configuration.function_name}, {"arn", configuration.function_arn}};
}

std::map<std::string, std::string> to_map(const json::value& object)
{
    std::map<std::string, std::string> result;
    for (const auto& [key, value] : object.as_object())
        result[key] = std::string(value.as_string());
    return result;
}

std::optional<Observed> read(World& world, Reads&, const Subject& subject)
{
    const auto name = subject.output("functionName");
    const auto found = world.find(aws::lambda::GetFunction{.function_name = name});
    if (!found)
        return {};
    check_owner(world, subject, found->tags, "The Lambda function " + name);
    const auto& configuration = found->configuration;
    json::object environment;
    for (const auto& [key, value] : configuration.environment)
        environment[key] = value;
    Observed observed{.inputs = {{"functionName", configuration.function_name},
                                 {"runtime", configuration.runtime},
                                 {"architecture", configuration.architecture},
                                 {"handler", configuration.handler},
                                 {"role", configuration.role},
                                 {"memory", configuration.memory_megabytes},
                                 {"timeout", configuration.timeout_seconds},
                                 {"environment", std::move(environment)},
                                 {"code", json::object{{"sha256", configuration.code_sha256}}},
                                 {"tags", own_tags(found->tags)}},
                      .outputs = outputs_of(configuration)};
    if (!configuration.state.empty() && configuration.state != "Active")
        observed.condition = configuration.state;
    if (configuration.state == "Failed")
        observed.broken = "Lambda could not make it: " + configuration.state_reason;
    return observed;
}

/// Lambda takes the next change only when it is done with this one.
void wait_until_settled(World& world, const std::string& name)
{
    world.wait("function " + name + " to be ready", settling_limit, [&] {
        const auto now = world.call(aws::lambda::GetFunctionConfiguration{.function_name = name});
        if (now.state == "Failed")
            throw Error("Lambda could not make the function " + name + ": " + now.state_reason);
        if (now.last_update_status == "Failed")
            throw Error("Lambda could not change the function " + name + ": " +
                        now.last_update_status_reason);
        return now.state != "Pending" && now.last_update_status != "InProgress";
    });
}

bool is_settled(const FunctionConfiguration& configuration)
{
    return configuration.state == "Active" && configuration.last_update_status != "InProgress";
}

/// Calls AWS until Lambda knows the role, and is done with an earlier change.
template <class Operation>
FunctionConfiguration call_when_ready(World& world, const std::string& name,
                                      const Operation& operation)
{
    std::optional<FunctionConfiguration> answer;
    const auto deadline = Deadline::after(role_limit);
    world.wait("Lambda to take the role of " + name, settling_limit, [&] {
        try {
            answer = world.call(operation);
            return true;
        } catch (const aws::ApiError& error) {
            const bool is_new_role =
                error.is("InvalidParameterValueException") &&
                error.message().find("cannot be assumed by Lambda") != std::string::npos;
            const bool is_busy = error.is("ResourceConflictException") &&
                                 error.message().find("in progress") != std::string::npos;
            if ((is_new_role || is_busy) && !deadline.reached())
                return false;
            throw;
        }
    });
    if (!is_settled(*answer))
        wait_until_settled(world, name);
    return std::move(*answer);
}

int number(const json::object& inputs, std::string_view key)
{
    return static_cast<int>(integer_member(inputs, key).value_or(0));
}

json::object update(World& world, const Subject&, const json::object& inputs,
                    const Observed& observed)
{
    const auto name = string_or_empty(inputs, "functionName");
    const auto differs = [&](std::string_view key) {
        return inputs.at(key) != observed.inputs.at(key);
    };
    if (differs("runtime") || differs("role") || differs("handler") || differs("memory") ||
        differs("timeout") || differs("environment"))
        call_when_ready(world, name,
                        aws::lambda::UpdateFunctionConfiguration{
                            .function_name = name,
                            .runtime = string_or_empty(inputs, "runtime"),
                            .role = string_or_empty(inputs, "role"),
                            .handler = string_or_empty(inputs, "handler"),
                            .timeout_seconds = number(inputs, "timeout"),
                            .memory_megabytes = number(inputs, "memory"),
                            .environment = to_map(inputs.at("environment"))});
    if (differs("code") || differs("architecture"))
        call_when_ready(world, name,
                        aws::lambda::UpdateFunctionCode{
                            .function_name = name,
                            .code_bucket = string_or_empty(inputs, "codeBucket"),
                            .code_key = string_or_empty(inputs, "codeKey"),
                            .architecture = string_or_empty(inputs, "architecture")});
    if (differs("tags"))
        world.call(
            aws::lambda::TagResource{.resource_arn = string_or_empty(observed.outputs, "arn"),
                                     .tags = to_tags(inputs.at("tags").as_object())});
    return observed.outputs;
}

json::object create(World& world, const Subject& subject, const json::object& inputs)
{
    const auto name = string_or_empty(inputs, "functionName");
    try {
        return outputs_of(call_when_ready(
            world, name,
            aws::lambda::CreateFunction{.function_name = name,
                                        .runtime = string_or_empty(inputs, "runtime"),
                                        .role = string_or_empty(inputs, "role"),
                                        .handler = string_or_empty(inputs, "handler"),
                                        .code_bucket = string_or_empty(inputs, "codeBucket"),
                                        .code_key = string_or_empty(inputs, "codeKey"),
                                        .timeout_seconds = number(inputs, "timeout"),
                                        .memory_megabytes = number(inputs, "memory"),
                                        .environment = to_map(inputs.at("environment")),
                                        .architecture = string_or_empty(inputs, "architecture"),
                                        .tags = to_tags(inputs.at("tags").as_object())}));
    } catch (const aws::ApiError& error) {
        // A call whose answer was lost is sent again, and meets itself.
        Reads reads(world);
        const auto observed =
            error.is("ResourceConflictException") ? read(world, reads, subject) : std::nullopt;
        if (!observed)
            throw;
        wait_until_settled(world, name);
        return update(world, subject, inputs, *observed);
    }
}

void destroy(World& world, const Subject& subject)
{
    world.find(aws::lambda::DeleteFunction{.function_name = subject.output("functionName")});
}

} // namespace

ResourceType function_type()
{
    return {.name = "function",
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
