#include "deploy/kinds/function/function.h"

#include "aws/ops/lambda/functions.h"
#include "aws/ops/lambda/tags.h"
#include "base/encoding.h"
#include "base/error.h"
#include "deploy/kinds/function/artifact.h"
#include "deploy/kinds/function/log_group.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/function/role.h"
#include "manifest/names.h"

namespace nimbus::deploy::function {
namespace {

using aws::lambda::FunctionConfiguration;

constexpr std::chrono::milliseconds settling_time{1'000};
constexpr std::chrono::seconds settling_limit{300};
constexpr std::string_view pending = "Pending";

std::vector<std::string> with_log_group(std::vector<std::string> grants,
                                        const manifest::Function& function)
{
    grants.push_back(key_of<LogGroup>(function.name));
    return grants;
}

Node function_node(const Application& application, const manifest::Function& function)
{
    const auto& manifest = application.manifest;
    const auto role = role_name(application, function);
    auto link = links_of(application, function.uses, role);
    link.environment.insert(function.environment.begin(), function.environment.end());
    const auto& artifact = artifact_of(application, function);
    const auto digest = hex_decode(artifact.sha256);
    const auto name = manifest::lambda_function_name(manifest, function);
    NodeOf<Function> node{
        .name = function.name,
        .identity = {.function_name = name,
                     .arn = function_arn(application, function),
                     .role_id = {}},
        .inputs = {.function_name = name,
                   .description = function.description,
                   .runtime = manifest.runtime,
                   .architecture = function.architecture,
                   .handler = manifest::lambda_handler(manifest, function),
                   .role = iam_role_arn(application, role),
                   .role_id = output_of<Role>(role, &RoleOutputs::role_id),
                   .memory = function.memory_megabytes,
                   .timeout = function.timeout_seconds,
                   .environment = std::move(link.environment),
                   .code = {.sha256 = base64_encode(digest.value_or(""))},
                   .tags = tags_of(application, Function::name, function.name),
                   .code_bucket = application.target.bucket,
                   .code_key = artifact_object_key(application, artifact),
                   .log_group = log_group_of(name)},
        .depends_on = {key_of<Artifact>(artifact_name(artifact)), key_of<Role>(role)},
        .works_with = with_log_group(std::move(link.grants), function)};
    for (const auto& key : link.depends_on)
        node.depend_on(key);
    return std::move(node).node();
}

FunctionOutputs outputs_of(const FunctionConfiguration& configuration, const std::string& role_id)
{
    return {.function_name = configuration.function_name,
            .arn = configuration.function_arn,
            .role_id = role_id};
}

/// Lambda takes the next change only when it is done with this one. GetFunction has a quota of its
/// own, which is larger than that of other calls.
void wait_until_settled(World& world, const std::string& name)
{
    world.wait({.what = "function " + name + " to be ready",
                .kind = "function",
                .usual = settling_time,
                .limit = settling_limit,
                .has_begun = true},
               [&] {
                   // One that was made a moment ago may not be known everywhere yet.
                   const auto found = world.find(aws::lambda::GetFunction{.function_name = name});
                   if (!found)
                       return false;
                   const auto& now = found->configuration;
                   if (now.state == "Failed")
                       throw Error("Lambda could not create the function " + name + ": " +
                                   now.state_reason);
                   if (now.last_update_status == "Failed")
                       throw Error("Lambda could not change the function " + name + ": " +
                                   now.last_update_status_reason);
                   return now.state != pending && now.last_update_status != "InProgress";
               });
}

bool is_settled(const FunctionConfiguration& configuration)
{
    return configuration.state == "Active" && configuration.last_update_status != "InProgress";
}

/// Calls AWS, and waits until Lambda is done with the change.
template <class Operation>
FunctionConfiguration call_and_settle(World& world, const std::string& name,
                                      const Operation& operation)
{
    auto answer = world.call(operation);
    if (!is_settled(answer))
        wait_until_settled(world, name);
    return answer;
}

/// Throws NotOurs, or Error where AWS does not show the tags.
void check_tags(World& world, const SubjectOf<Function>& subject,
                const aws::lambda::GetFunction::Response& found)
{
    const auto what = "The Lambda function " + found.configuration.function_name;
    if (!found.tags_error.empty())
        throw Error(what + " does not show its tags: " + found.tags_error,
                    "Allow lambda:ListTags for it, then run the command again.");
    check_owner(world, known_as(subject.is_recorded, {}, {}), found.tags, what);
}

FunctionSettings settings_of(const FunctionConfiguration& configuration)
{
    FunctionSettings settings{.layers = configuration.layers,
                              .tracing = configuration.tracing_mode,
                              .dead_letter_queue = configuration.dead_letter_arn,
                              .subnets = configuration.vpc.subnet_ids,
                              .security_groups = configuration.vpc.security_group_ids,
                              .ephemeral_storage = configuration.ephemeral_storage_megabytes,
                              .kms_key = configuration.kms_key_arn,
                              .snap_start = configuration.snap_start,
                              .log_format = configuration.log_format};
    for (const auto& system : configuration.file_systems)
        settings.file_systems.push_back(system.arn);
    return settings;
}

/// Takes back what somebody changed of `present`, and says nothing of the rest.
void put_right(const FunctionSettings& present, aws::lambda::UpdateFunctionConfiguration& update)
{
    const FunctionSettings wanted;
    update.layers = if_altered(present.layers, wanted.layers);
    update.tracing_mode = if_altered(present.tracing, wanted.tracing);
    update.dead_letter_arn = if_altered(present.dead_letter_queue, wanted.dead_letter_queue);
    if (present.subnets != wanted.subnets || present.security_groups != wanted.security_groups)
        update.vpc.emplace();
    if (present.file_systems != wanted.file_systems)
        update.file_systems.emplace();
    update.ephemeral_storage_megabytes =
        if_altered(present.ephemeral_storage, wanted.ephemeral_storage);
    update.kms_key_arn = if_altered(present.kms_key, wanted.kms_key);
    update.snap_start = if_altered(present.snap_start, wanted.snap_start);
    update.log_format = if_altered(present.log_format, wanted.log_format);
}

bool configuration_differs(const FunctionInputs& wanted, const ObservedOf<Function>& observed)
{
    const auto& present = observed.inputs;
    return observed.settings != FunctionSettings() ||
           (present.log_group && wanted.log_group != present.log_group) ||
           wanted.description != present.description || wanted.runtime != present.runtime ||
           wanted.role != present.role || wanted.role_id != present.role_id ||
           wanted.handler != present.handler || wanted.memory != present.memory ||
           wanted.timeout != present.timeout || wanted.environment != present.environment;
}

} // namespace

std::vector<std::string> works_with(const Application& application,
                                    const manifest::Function& function)
{
    const auto link = links_of(application, function.uses, role_name(application, function));
    return with_log_group(link.grants, function);
}

std::vector<Node> function_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& function : application.manifest.functions)
        nodes.push_back(function_node(application, function));
    return nodes;
}

std::optional<ObservedOf<Function>> Function::read(World& world, Reads&,
                                                   const SubjectOf<Function>& subject)
{
    const auto& function_name = subject.outputs.function_name;
    const auto found = world.find(aws::lambda::GetFunction{.function_name = function_name});
    if (!found)
        return {};
    check_tags(world, subject, *found);
    const auto& configuration = found->configuration;
    ObservedOf<Function> observed{.inputs = {.function_name = configuration.function_name,
                                             .description = configuration.description,
                                             .runtime = configuration.runtime,
                                             .architecture = configuration.architecture,
                                             .handler = configuration.handler,
                                             .role = configuration.role,
                                             .memory = configuration.memory_megabytes,
                                             .timeout = configuration.timeout_seconds,
                                             .environment = configuration.environment,
                                             .code = {.sha256 = configuration.code_sha256},
                                             .tags = own_tags(found->tags)},
                                  .outputs = outputs_of(configuration, subject.outputs.role_id),
                                  .settings = settings_of(configuration)};
    if (!configuration.log_group.empty())
        observed.inputs.log_group = configuration.log_group;
    // Which role it was when Lambda got leave to decrypt the environment for it, the state knows.
    if (!subject.outputs.role_id.empty())
        observed.inputs.role_id = subject.outputs.role_id;
    if (!configuration.state.empty() && configuration.state != "Active")
        observed.condition = configuration.state;
    if (configuration.state == "Failed")
        observed.broken = "Lambda could not create it: " + configuration.state_reason;
    return observed;
}

FunctionOutputs Function::create(World& world, const SubjectOf<Function>&, const Inputs& inputs)
{
    const auto made =
        call_and_settle(world, inputs.function_name,
                        aws::lambda::CreateFunction{.function_name = inputs.function_name,
                                                    .runtime = inputs.runtime,
                                                    .role = inputs.role,
                                                    .handler = inputs.handler,
                                                    .code_bucket = inputs.code_bucket.value(),
                                                    .code_key = inputs.code_key.value(),
                                                    .description = inputs.description,
                                                    .timeout_seconds = inputs.timeout,
                                                    .memory_megabytes = inputs.memory,
                                                    .environment = inputs.environment,
                                                    .architecture = inputs.architecture,
                                                    .tags = inputs.tags});
    return outputs_of(made, inputs.role_id.value_or(""));
}

FunctionOutputs Function::update(World& world, const SubjectOf<Function>&, const Inputs& inputs,
                                 const ObservedOf<Function>& observed)
{
    const auto& function_name = inputs.function_name;
    const auto& present = observed.inputs;
    if (observed.condition == pending)
        wait_until_settled(world, function_name);
    if (configuration_differs(inputs, observed)) {
        aws::lambda::UpdateFunctionConfiguration update{.function_name = function_name,
                                                        .runtime = inputs.runtime,
                                                        .role = inputs.role,
                                                        .handler = inputs.handler,
                                                        .description = inputs.description,
                                                        .timeout_seconds = inputs.timeout,
                                                        .memory_megabytes = inputs.memory,
                                                        .environment = inputs.environment};
        if (present.log_group && present.log_group != inputs.log_group)
            update.log_group = inputs.log_group;
        put_right(observed.settings, update);
        call_and_settle(world, function_name, update);
    }
    if (inputs.code.sha256 != present.code.sha256 || inputs.architecture != present.architecture)
        call_and_settle(world, function_name,
                        aws::lambda::UpdateFunctionCode{.function_name = function_name,
                                                        .code_bucket = inputs.code_bucket.value(),
                                                        .code_key = inputs.code_key.value(),
                                                        .architecture = inputs.architecture});
    if (inputs.tags != present.tags)
        world.call(
            aws::lambda::TagResource{.resource_arn = observed.outputs.arn, .tags = inputs.tags});
    auto outputs = observed.outputs;
    outputs.role_id = inputs.role_id.value_or("");
    return outputs;
}

void Function::destroy(World& world, const SubjectOf<Function>& subject)
{
    const auto& function_name = subject.outputs.function_name;
    const auto found = world.find(aws::lambda::GetFunction{.function_name = function_name});
    if (!found)
        return;
    check_tags(world, subject, *found);
    world.find(aws::lambda::DeleteFunction{.function_name = function_name});
}

} // namespace nimbus::deploy::function
