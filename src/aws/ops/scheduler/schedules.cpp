#include "aws/ops/scheduler/schedules.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::aws::scheduler {
namespace {

std::string path_of(const std::string& name)
{
    return "/schedules/" + path_segment(name);
}

void put_seconds(json::object& body, std::string_view key, const std::optional<SystemTime>& time)
{
    if (time)
        body[key] = to_unix_seconds(*time);
}

json::object to_json(const ScheduleTarget& target)
{
    json::object body{
        {"Arn", target.arn},
        {"RoleArn", target.role_arn},
        {"RetryPolicy",
         {{"MaximumRetryAttempts", target.retry_policy.maximum_retry_attempts},
          {"MaximumEventAgeInSeconds", target.retry_policy.maximum_event_age_in_seconds}}}};
    put(body, "Input", target.input);
    if (!target.dead_letter_arn.empty())
        body["DeadLetterConfig"] = {{"Arn", target.dead_letter_arn}};
    return body;
}

json::object flexible_time_window(const std::optional<int>& minutes)
{
    if (!minutes)
        return {{"Mode", "OFF"}};
    return {{"Mode", "FLEXIBLE"}, {"MaximumWindowInMinutes", *minutes}};
}

json::object body_of_change(const std::string& group_name, const ScheduleSettings& settings,
                            const std::string& client_token)
{
    json::object body;
    put(body, "GroupName", group_name);
    put(body, "ScheduleExpression", settings.schedule_expression);
    put(body, "ScheduleExpressionTimezone", settings.schedule_expression_timezone);
    put(body, "Description", settings.description);
    body["State"] = settings.enabled ? "ENABLED" : "DISABLED";
    body["FlexibleTimeWindow"] = flexible_time_window(settings.flexible_window_in_minutes);
    put_seconds(body, "StartDate", settings.start_date);
    put_seconds(body, "EndDate", settings.end_date);
    put(body, "ActionAfterCompletion", settings.action_after_completion);
    put(body, "KmsKeyArn", settings.kms_key_arn);
    body["Target"] = to_json(settings.target);
    put(body, "ClientToken", client_token);
    return body;
}

/// What the service leaves out has its default.
int integer_or(const json::object& body, std::string_view key, int value)
{
    return static_cast<int>(integer_member(body, key).value_or(value));
}

RetryPolicy decode_retry_policy(const json::object& target)
{
    RetryPolicy policy;
    if (const auto* body = object_member(target, "RetryPolicy"))
        policy = {.maximum_retry_attempts =
                      integer_or(*body, "MaximumRetryAttempts", policy.maximum_retry_attempts),
                  .maximum_event_age_in_seconds = integer_or(*body, "MaximumEventAgeInSeconds",
                                                             policy.maximum_event_age_in_seconds)};
    return policy;
}

ScheduleTarget decode_target(const json::object& schedule)
{
    const auto* body = object_member(schedule, "Target");
    if (body == nullptr)
        return {};
    const auto* dead_letters = object_member(*body, "DeadLetterConfig");
    return {.arn = string_or_empty(*body, "Arn"),
            .role_arn = string_or_empty(*body, "RoleArn"),
            .input = string_or_empty(*body, "Input"),
            .retry_policy = decode_retry_policy(*body),
            .dead_letter_arn =
                dead_letters == nullptr ? "" : string_or_empty(*dead_letters, "Arn")};
}

std::optional<int> decode_flexible_window(const json::object& schedule)
{
    const auto* body = object_member(schedule, "FlexibleTimeWindow");
    if (body == nullptr || string_or_empty(*body, "Mode") != "FLEXIBLE")
        return {};
    return integer_or(*body, "MaximumWindowInMinutes", 0);
}

bool is_enabled(const json::object& schedule)
{
    return string_or_empty(schedule, "State") != "DISABLED";
}

ScheduleSettings decode_settings(const json::object& body)
{
    return {.schedule_expression = string_or_empty(body, "ScheduleExpression"),
            .schedule_expression_timezone =
                string_member(body, "ScheduleExpressionTimezone").value_or("UTC"),
            .description = string_or_empty(body, "Description"),
            .enabled = is_enabled(body),
            .flexible_window_in_minutes = decode_flexible_window(body),
            .start_date = seconds_member(body, "StartDate"),
            .end_date = seconds_member(body, "EndDate"),
            .action_after_completion =
                string_member(body, "ActionAfterCompletion").value_or("NONE"),
            .kms_key_arn = string_or_empty(body, "KmsKeyArn"),
            .target = decode_target(body)};
}

ScheduleArn decode_arn(const http::Response& response)
{
    return {.schedule_arn = required_string(body_of(response), "ScheduleArn")};
}

} // namespace

Encoded CreateSchedule::encode() const
{
    return rest_request("POST", path_of(name), body_of_change(group_name, settings, client_token));
}

ScheduleArn CreateSchedule::decode(const http::Response& response)
{
    return decode_arn(response);
}

Encoded GetSchedule::encode() const
{
    auto request = rest_request("GET", path_of(name));
    add_query(request, "groupName", group_name);
    return request;
}

GetSchedule::Response GetSchedule::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.arn = required_string(body, "Arn"),
            .name = required_string(body, "Name"),
            .group_name = string_or_empty(body, "GroupName"),
            .settings = decode_settings(body),
            .creation_date = seconds_member(body, "CreationDate"),
            .last_modification_date = seconds_member(body, "LastModificationDate")};
}

Encoded UpdateSchedule::encode() const
{
    return rest_request("PUT", path_of(name), body_of_change(group_name, settings, client_token));
}

ScheduleArn UpdateSchedule::decode(const http::Response& response)
{
    return decode_arn(response);
}

Encoded DeleteSchedule::encode() const
{
    auto request = rest_request("DELETE", path_of(name));
    add_query(request, "groupName", group_name);
    add_query(request, "clientToken", client_token);
    return request;
}

Encoded ListSchedules::encode() const
{
    auto request = rest_request("GET", "/schedules");
    add_query(request, "ScheduleGroup", group_name);
    add_query(request, "NamePrefix", name_prefix);
    add_query(request, "MaxResults", max_results);
    add_query(request, "NextToken", next_token);
    return request;
}

ListSchedules::Response ListSchedules::decode(const http::Response& response)
{
    const auto body = body_of(response);
    const auto decode_summary = [](const json::object& schedule) {
        return Summary{.arn = required_string(schedule, "Arn"),
                       .name = required_string(schedule, "Name"),
                       .group_name = string_or_empty(schedule, "GroupName"),
                       .enabled = is_enabled(schedule),
                       .target_arn = decode_target(schedule).arn};
    };
    return {.schedules = list_of(body, "Schedules", decode_summary),
            .next_token = string_or_empty(body, "NextToken")};
}

} // namespace nimbus::aws::scheduler
