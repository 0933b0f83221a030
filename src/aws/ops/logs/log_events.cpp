#include "aws/ops/logs/log_events.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::aws::logs {
namespace {

void put_time(json::object& body, std::string_view key, const std::optional<SystemTime>& time)
{
    if (time)
        body[key] = to_unix_milliseconds(*time);
}

LogStream decode_stream(const json::object& body)
{
    return {.log_stream_name = required_string(body, "logStreamName"),
            .arn = string_or_empty(body, "arn"),
            .creation_time = milliseconds_member(body, "creationTime").value_or(SystemTime()),
            .last_event_time = milliseconds_member(body, "lastEventTimestamp")};
}

LogEvent decode_event(const json::object& body)
{
    return {.event_id = string_or_empty(body, "eventId"),
            .log_stream_name = string_or_empty(body, "logStreamName"),
            .timestamp = milliseconds_member(body, "timestamp").value_or(SystemTime()),
            .ingestion_time = milliseconds_member(body, "ingestionTime").value_or(SystemTime()),
            .message = string_or_empty(body, "message")};
}

} // namespace

Encoded DescribeLogStreams::encode() const
{
    json::object body;
    put(body, "logGroupName", log_group_name);
    put(body, "logStreamNamePrefix", log_stream_name_prefix);
    if (newest_first) {
        body["orderBy"] = "LastEventTime";
        body["descending"] = true;
    }
    put(body, "nextToken", next_token);
    put(body, "limit", limit);
    return target_request(info, body);
}

DescribeLogStreams::Response DescribeLogStreams::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.log_streams = list_of(body, "logStreams", decode_stream),
            .next_token = string_or_empty(body, "nextToken")};
}

Encoded FilterLogEvents::encode() const
{
    json::object body;
    put(body, "logGroupName", log_group_name);
    put(body, "logStreamNames", log_stream_names);
    put(body, "logStreamNamePrefix", log_stream_name_prefix);
    put_time(body, "startTime", start_time);
    put_time(body, "endTime", end_time);
    put(body, "filterPattern", filter_pattern);
    put(body, "nextToken", next_token);
    put(body, "limit", limit);
    return target_request(info, body);
}

FilterLogEvents::Response FilterLogEvents::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.events = list_of(body, "events", decode_event),
            .next_token = string_or_empty(body, "nextToken")};
}

Encoded GetLogEvents::encode() const
{
    json::object body;
    put(body, "logGroupName", log_group_name);
    put(body, "logStreamName", log_stream_name);
    put_time(body, "startTime", start_time);
    put_time(body, "endTime", end_time);
    put(body, "nextToken", position);
    put(body, "limit", limit);
    body["startFromHead"] = start_from_head;
    return target_request(info, body);
}

GetLogEvents::Response GetLogEvents::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.events = list_of(body, "events", decode_event),
            .next_forward_token = string_or_empty(body, "nextForwardToken"),
            .next_backward_token = string_or_empty(body, "nextBackwardToken")};
}

} // namespace nimbus::aws::logs
