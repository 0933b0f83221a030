#include "aws/ops/logs/log_groups.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::aws::logs {
namespace {

LogGroup decode_group(const json::object& body)
{
    LogGroup group{.log_group_name = required_string(body, "logGroupName"),
                   .arn = string_or_empty(body, "logGroupArn"),
                   .creation_time =
                       milliseconds_member(body, "creationTime").value_or(SystemTime()),
                   .stored_bytes = integer_member(body, "storedBytes").value_or(0)};
    if (group.arn.empty()) {
        group.arn = string_or_empty(body, "arn");
        if (group.arn.ends_with(":*"))
            group.arn.resize(group.arn.size() - 2);
    }
    if (const auto days = integer_member(body, "retentionInDays"))
        group.retention_days = static_cast<int>(*days);
    return group;
}

} // namespace

Encoded CreateLogGroup::encode() const
{
    json::object body;
    put(body, "logGroupName", log_group_name);
    put(body, "tags", tags);
    return target_request(info, body);
}

Encoded DescribeLogGroups::encode() const
{
    json::object body;
    put(body, "logGroupNamePrefix", log_group_name_prefix);
    put(body, "nextToken", next_token);
    put(body, "limit", limit);
    return target_request(info, body);
}

DescribeLogGroups::Response DescribeLogGroups::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.log_groups = list_of(body, "logGroups", decode_group),
            .next_token = string_or_empty(body, "nextToken")};
}

Encoded DeleteLogGroup::encode() const
{
    return target_request(info, {{"logGroupName", log_group_name}});
}

Encoded PutRetentionPolicy::encode() const
{
    return target_request(info,
                          {{"logGroupName", log_group_name}, {"retentionInDays", retention_days}});
}

Encoded DeleteRetentionPolicy::encode() const
{
    return target_request(info, {{"logGroupName", log_group_name}});
}

Encoded TagResource::encode() const
{
    return target_request(info, {{"resourceArn", resource_arn}, {"tags", to_json(tags)}});
}

Encoded ListTagsForResource::encode() const
{
    return target_request(info, {{"resourceArn", resource_arn}});
}

ListTagsForResource::Response ListTagsForResource::decode(const http::Response& response)
{
    return {.tags = string_map(body_of(response), "tags")};
}

} // namespace nimbus::aws::logs
