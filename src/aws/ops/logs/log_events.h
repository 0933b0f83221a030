#pragma once

#include "aws/operation.h"
#include "base/time.h"

#include <optional>

/// CloudWatch Logs: streams and events. Times have milliseconds.
namespace nimbus::aws::logs {

struct LogStream {
    std::string log_stream_name;
    std::string arn;
    SystemTime creation_time;
    std::optional<SystemTime> last_event_time; ///< lags behind by up to an hour on AWS
};

/// Paginated.
struct DescribeLogStreams {
    static constexpr OperationInfo info{services::logs, "DescribeLogStreams", Effect::read};

    std::string log_group_name;
    std::string log_stream_name_prefix; ///< not together with newest_first
    bool newest_first = false;          ///< by the time of the last event; else by name
    int limit = 0;                      ///< 0: AWS's default, 50
    std::string next_token;

    struct Response {
        std::vector<LogStream> log_streams;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct LogEvent {
    std::string event_id;        ///< FilterLogEvents only
    std::string log_stream_name; ///< FilterLogEvents only
    SystemTime timestamp;
    SystemTime ingestion_time;
    std::string message;
};

/// Paginated: events of all or some streams, oldest first. A page may be empty though more follow.
struct FilterLogEvents {
    static constexpr OperationInfo info{services::logs, "FilterLogEvents", Effect::read};

    std::string log_group_name;
    std::vector<std::string> log_stream_names;
    std::string log_stream_name_prefix;
    std::optional<SystemTime> start_time; ///< inclusive
    std::optional<SystemTime> end_time;   ///< exclusive
    std::string filter_pattern;
    int limit = 0; ///< 0: AWS's default, 10,000
    std::string next_token;

    struct Response {
        std::vector<LogEvent> events;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Events of one stream. Its tokens never end: the end is reached when the token that comes back is
/// the one that was sent.
struct GetLogEvents {
    static constexpr OperationInfo info{services::logs, "GetLogEvents", Effect::read};

    std::string log_group_name;
    std::string log_stream_name;
    std::optional<SystemTime> start_time; ///< inclusive
    std::optional<SystemTime> end_time;   ///< exclusive
    bool start_from_head = true;
    int limit = 0;        ///< 0: AWS's default, 10,000
    std::string position; ///< next_forward_token or next_backward_token of the answer before

    struct Response {
        std::vector<LogEvent> events;
        std::string next_forward_token;
        std::string next_backward_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::logs
