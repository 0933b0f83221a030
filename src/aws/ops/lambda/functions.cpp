#include "aws/ops/lambda/functions.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/lambda/function_path.h"
#include "base/encoding.h"
#include "base/error.h"

namespace nimbus::aws::lambda {
namespace {

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
    if (const auto* logging = object_member(body, "LoggingConfig"))
        function.log_group = string_or_empty(*logging, "LogGroup");
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
        body["Environment"] = {{"Variables", to_json(environment)}};
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
        body["Environment"] = {{"Variables", to_json(*environment)}};
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
