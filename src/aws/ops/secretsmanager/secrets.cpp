#include "aws/ops/secretsmanager/secrets.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/secretsmanager/value_members.h"

#include <algorithm>

namespace nimbus::aws::secretsmanager {
namespace {

SecretId decode_id(const http::Response& response)
{
    const auto body = body_of(response);
    return {.arn = required_string(body, "ARN"),
            .name = required_string(body, "Name"),
            .version_id = string_or_empty(body, "VersionId")};
}

VersionStages version_stages_member(const json::object& body, std::string_view key)
{
    VersionStages versions;
    if (const auto* members = object_member(body, key))
        for (const auto& member : *members) {
            auto& stages = versions[member.key()];
            for (const auto& stage : member.value().as_array())
                stages.emplace_back(stage.as_string());
        }
    return versions;
}

/// DescribeSecret and ListSecrets differ in what they call the versions.
Secret decode_secret(const json::object& body, std::string_view versions_key)
{
    return {.arn = required_string(body, "ARN"),
            .name = required_string(body, "Name"),
            .description = string_or_empty(body, "Description"),
            .kms_key_id = string_or_empty(body, "KmsKeyId"),
            .tags = tag_list_member(body, "Tags"),
            .created_date = seconds_member(body, "CreatedDate"),
            .last_changed_date = seconds_member(body, "LastChangedDate"),
            .deleted_date = seconds_member(body, "DeletedDate"),
            .version_stages = version_stages_member(body, versions_key)};
}

} // namespace

bool Secret::has_value() const
{
    return std::ranges::any_of(version_stages, [](const auto& version) {
        return std::ranges::find(version.second, current_stage) != version.second.end();
    });
}

Encoded CreateSecret::encode() const
{
    json::object body{{"Name", name}};
    put(body, "Description", description);
    put(body, "KmsKeyId", kms_key_id);
    if (!tags.empty())
        body["Tags"] = to_tag_list(tags);
    body["ClientRequestToken"] = client_request_token;
    put_value(body, secret_string, secret_binary);
    return target_request(info, body);
}

SecretId CreateSecret::decode(const http::Response& response)
{
    return decode_id(response);
}

Encoded DescribeSecret::encode() const
{
    return target_request(info, {{"SecretId", secret_id}});
}

Secret DescribeSecret::decode(const http::Response& response)
{
    return decode_secret(body_of(response), "VersionIdsToStages");
}

Encoded UpdateSecret::encode() const
{
    json::object body{{"SecretId", secret_id}};
    put_if_set(body, "Description", description);
    put_if_set(body, "KmsKeyId", kms_key_id);
    body["ClientRequestToken"] = client_request_token;
    return target_request(info, body);
}

SecretId UpdateSecret::decode(const http::Response& response)
{
    return decode_id(response);
}

Encoded DeleteSecret::encode() const
{
    json::object body{{"SecretId", secret_id}};
    put_if_set(body, "RecoveryWindowInDays", recovery_window_in_days);
    if (force_delete_without_recovery)
        body["ForceDeleteWithoutRecovery"] = true;
    return target_request(info, body);
}

DeleteSecret::Response DeleteSecret::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.arn = string_or_empty(body, "ARN"),
            .name = string_or_empty(body, "Name"),
            .deletion_date = seconds_member(body, "DeletionDate")};
}

Encoded RestoreSecret::encode() const
{
    return target_request(info, {{"SecretId", secret_id}});
}

SecretId RestoreSecret::decode(const http::Response& response)
{
    return decode_id(response);
}

Encoded ListSecrets::encode() const
{
    json::object body;
    json::array wanted;
    for (const auto& filter : filters)
        wanted.push_back(
            json::object{{"Key", filter.key},
                         {"Values", json::array(filter.values.begin(), filter.values.end())}});
    if (!wanted.empty())
        body["Filters"] = std::move(wanted);
    if (include_planned_deletion)
        body["IncludePlannedDeletion"] = true;
    put(body, "MaxResults", max_results);
    put(body, "NextToken", next_token);
    return target_request(info, body);
}

ListSecrets::Response ListSecrets::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.secrets = list_of(body, "SecretList",
                               [](const json::object& item) {
                                   return decode_secret(item, "SecretVersionsToStages");
                               }),
            .next_token = string_or_empty(body, "NextToken")};
}

bool is_waiting_for_deletion(const ApiError& error) noexcept
{
    if (!error.is("InvalidRequestException"))
        return false;
    const std::string_view message = error.message();
    return message.contains("marked for deletion") || message.contains("scheduled for deletion") ||
           message.contains("marked deleted");
}

} // namespace nimbus::aws::secretsmanager
