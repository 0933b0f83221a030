#include "aws/ops/lambda/functions.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/lambda/function_path.h"
#include "base/encoding.h"
#include "base/error.h"

namespace nimbus::aws::lambda {
namespace {

/// The member `name` of the object `key`; `otherwise` where one of them is not there.
std::string text_in(const json::object& body, std::string_view key, std::string_view name,
                    const std::string& otherwise = {})
{
    const auto* object = object_member(body, key);
    return object == nullptr ? otherwise : string_member(*object, name).value_or(otherwise);
}

VpcConfig decode_vpc(const json::object& body)
{
    const auto* vpc = object_member(body, "VpcConfig");
    if (vpc == nullptr)
        return {};
    return {.subnet_ids = text_list(*vpc, "SubnetIds"),
            .security_group_ids = text_list(*vpc, "SecurityGroupIds")};
}

/// What a function has beside code, role and environment. What the service leaves out has Lambda's
/// default.
void decode_settings(const json::object& body, FunctionConfiguration& function)
{
    function.log_group = text_in(body, "LoggingConfig", "LogGroup");
    function.log_format = text_in(body, "LoggingConfig", "LogFormat", function.log_format);
    function.layers = list_of(
        body, "Layers", [](const json::object& layer) { return required_string(layer, "Arn"); });
    function.tracing_mode = text_in(body, "TracingConfig", "Mode", function.tracing_mode);
    function.dead_letter_arn = text_in(body, "DeadLetterConfig", "TargetArn");
    function.vpc = decode_vpc(body);
    function.file_systems = list_of(body, "FileSystemConfigs", [](const json::object& system) {
        return FileSystem{.arn = required_string(system, "Arn"),
                          .local_mount_path = string_or_empty(system, "LocalMountPath")};
    });
    if (const auto* storage = object_member(body, "EphemeralStorage"))
        if (const auto size = integer_member(*storage, "Size"))
            function.ephemeral_storage_megabytes = static_cast<int>(*size);
    function.kms_key_arn = string_or_empty(body, "KMSKeyArn");
    function.snap_start = text_in(body, "SnapStart", "ApplyOn", function.snap_start);
}

json::object to_json(const VpcConfig& vpc)
{
    return {{"SubnetIds", json::array(vpc.subnet_ids.begin(), vpc.subnet_ids.end())},
            {"SecurityGroupIds",
             json::array(vpc.security_group_ids.begin(), vpc.security_group_ids.end())}};
}

json::array to_json(const std::vector<FileSystem>& file_systems)
{
    json::array all;
    for (const auto& system : file_systems)
        all.push_back({{"Arn", system.arn}, {"LocalMountPath", system.local_mount_path}});
    return all;
}

FunctionConfiguration decode_configuration(const json::object& body)
{
    FunctionConfiguration function{
        .function_name = required_string(body, "FunctionName"),
        .function_arn = required_string(body, "FunctionArn"),
        .runtime = string_or_empty(body, "Runtime"),
        .role = string_or_empty(body, "Role"),
        .handler = string_or_empty(body, "Handler"),
        .description = string_or_empty(body, "Description"),
        .timeout_seconds = static_cast<int>(integer_member(body, "Timeout").value_or(0)),
        .memory_megabytes = static_cast<int>(integer_member(body, "MemorySize").value_or(0)),
        .code_size = integer_member(body, "CodeSize").value_or(0),
        .code_sha256 = string_or_empty(body, "CodeSha256"),
        .last_modified = string_or_empty(body, "LastModified"),
        .revision_id = string_or_empty(body, "RevisionId"),
        .state = string_or_empty(body, "State"),
        .state_reason = string_or_empty(body, "StateReason"),
        .state_reason_code = string_or_empty(body, "StateReasonCode"),
        .last_update_status = string_or_empty(body, "LastUpdateStatus"),
        .last_update_status_reason = string_or_empty(body, "LastUpdateStatusReason"),
        .last_update_status_reason_code = string_or_empty(body, "LastUpdateStatusReasonCode")};
    if (const auto* environment = object_member(body, "Environment"))
        function.environment = string_map(*environment, "Variables");
    if (const auto* names = array_member(body, "Architectures");
        names != nullptr && !names->empty())
        function.architecture = names->front().as_string();
    decode_settings(body, function);
    return function;
}

FunctionConfiguration decode_configuration(const http::Response& response)
{
    return decode_configuration(body_of(response));
}

json::object code_of(const std::string& bucket, const std::string& key, const std::string& zip)
{
    if (!zip.empty())
        return {{"ZipFile", base64_encode(zip)}};
    return {{"S3Bucket", bucket}, {"S3Key", key}};
}

} // namespace

Encoded CreateFunction::encode() const
{
    json::object body;
    put(body, "FunctionName", function_name);
    put(body, "Runtime", runtime);
    put(body, "Role", role);
    put(body, "Handler", handler);
    body["Code"] = code_of(code_bucket, code_key, code_zip);
    put(body, "Description", description);
    put(body, "Timeout", timeout_seconds);
    put(body, "MemorySize", memory_megabytes);
    if (!environment.empty())
        body["Environment"] = {{"Variables", aws::to_json(environment)}};
    body["Architectures"] = json::array{architecture};
    put(body, "Tags", tags);
    return rest_request("POST", "/2015-03-31/functions", body);
}

FunctionConfiguration CreateFunction::decode(const http::Response& response)
{
    return decode_configuration(response);
}

Encoded GetFunction::encode() const
{
    return rest_request("GET", function_path(function_name));
}

GetFunction::Response GetFunction::decode(const http::Response& response)
{
    const JsonDocument answer(response.body, "the answer");
    const auto& body = body_in(answer);
    const auto* configuration = object_member(body, "Configuration");
    if (configuration == nullptr)
        throw Error("the answer has no Configuration");
    const auto* code = object_member(body, "Code");
    const auto* tags_error = object_member(body, "TagsError");
    return {.configuration = decode_configuration(*configuration),
            .code_location = code == nullptr ? "" : string_or_empty(*code, "Location"),
            .tags = string_map(body, "Tags"),
            .tags_error = tags_error == nullptr ? "" : required_string(*tags_error, "Message")};
}

Encoded UpdateFunctionCode::encode() const
{
    auto body = code_of(code_bucket, code_key, code_zip);
    if (!architecture.empty())
        body["Architectures"] = json::array{architecture};
    return rest_request("PUT", function_path(function_name, "/code"), body);
}

FunctionConfiguration UpdateFunctionCode::decode(const http::Response& response)
{
    return decode_configuration(response);
}

Encoded UpdateFunctionConfiguration::encode() const
{
    json::object body;
    put(body, "Runtime", runtime);
    put(body, "Role", role);
    put(body, "Handler", handler);
    put_if_set(body, "Description", description);
    put_if_set(body, "Timeout", timeout_seconds);
    put_if_set(body, "MemorySize", memory_megabytes);
    if (environment)
        body["Environment"] = {{"Variables", aws::to_json(*environment)}};
    json::object logging;
    put_if_set(logging, "LogGroup", log_group);
    put_if_set(logging, "LogFormat", log_format);
    if (!logging.empty())
        body["LoggingConfig"] = std::move(logging);
    if (layers)
        body["Layers"] = json::array(layers->begin(), layers->end());
    if (tracing_mode)
        body["TracingConfig"] = {{"Mode", *tracing_mode}};
    if (dead_letter_arn)
        body["DeadLetterConfig"] = {{"TargetArn", *dead_letter_arn}};
    if (vpc)
        body["VpcConfig"] = to_json(*vpc);
    if (file_systems)
        body["FileSystemConfigs"] = to_json(*file_systems);
    if (ephemeral_storage_megabytes)
        body["EphemeralStorage"] = {{"Size", *ephemeral_storage_megabytes}};
    put_if_set(body, "KMSKeyArn", kms_key_arn);
    if (snap_start)
        body["SnapStart"] = {{"ApplyOn", *snap_start}};
    return rest_request("PUT", function_path(function_name, "/configuration"), body);
}

FunctionConfiguration UpdateFunctionConfiguration::decode(const http::Response& response)
{
    return decode_configuration(response);
}

Encoded DeleteFunction::encode() const
{
    return rest_request("DELETE", function_path(function_name));
}

Encoded ListFunctions::encode() const
{
    auto request = rest_request("GET", "/2015-03-31/functions");
    add_query(request, "Marker", next_token);
    add_query(request, "MaxItems", max_items);
    return request;
}

ListFunctions::Response ListFunctions::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.functions =
                list_of(body, "Functions",
                        [](const json::object& item) { return decode_configuration(item); }),
            .next_token = string_or_empty(body, "NextMarker")};
}

} // namespace nimbus::aws::lambda
