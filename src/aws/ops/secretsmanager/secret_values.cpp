#include "aws/ops/secretsmanager/secret_values.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/secretsmanager/value_members.h"
#include "base/error.h"

namespace nimbus::aws::secretsmanager {
namespace {

std::optional<std::string> binary_member(const json::object& body, std::string_view key)
{
    const auto text = string_member(body, key);
    if (!text)
        return {};
    auto bytes = base64_decode(*text);
    if (!bytes)
        throw Error(std::string(key) + " in the answer is not base64");
    return bytes;
}

std::vector<std::string> stages_of(const json::object& body)
{
    std::vector<std::string> stages;
    if (const auto* list = array_member(body, "VersionStages"))
        for (const auto& stage : *list)
            stages.emplace_back(stage.as_string());
    return stages;
}

} // namespace

Encoded GetSecretValue::encode() const
{
    json::object body{{"SecretId", secret_id}};
    put(body, "VersionId", version_id);
    put(body, "VersionStage", version_stage);
    return target_request(info, body);
}

GetSecretValue::Response GetSecretValue::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.arn = required_string(body, "ARN"),
            .name = required_string(body, "Name"),
            .version_id = string_or_empty(body, "VersionId"),
            .secret_string = string_member(body, "SecretString"),
            .secret_binary = binary_member(body, "SecretBinary"),
            .version_stages = stages_of(body),
            .created_date = seconds_member(body, "CreatedDate")};
}

Encoded PutSecretValue::encode() const
{
    json::object body{{"SecretId", secret_id}, {"ClientRequestToken", client_request_token}};
    put_value(body, secret_string, secret_binary);
    return target_request(info, body);
}

PutSecretValue::Response PutSecretValue::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.arn = required_string(body, "ARN"),
            .name = required_string(body, "Name"),
            .version_id = string_or_empty(body, "VersionId"),
            .version_stages = stages_of(body)};
}

} // namespace nimbus::aws::secretsmanager
