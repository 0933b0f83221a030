#pragma once

#include "aws/operation.h"
#include "base/time.h"

#include <cstdint>
#include <optional>

/// CloudWatch Logs: log groups. Errors worth knowing: ResourceNotFoundException and
/// ResourceAlreadyExistsException (both 400), OperationAbortedException (400: another change of the
/// group is under way; retried).
namespace nimbus::aws::logs {

struct LogGroup {
    std::string log_group_name;
    std::string arn; ///< without the trailing `:*`, as the tag operations want it
    SystemTime creation_time;
    std::optional<int> retention_days; ///< absent: for ever
    std::int64_t stored_bytes = 0;
};

struct CreateLogGroup {
    static constexpr OperationInfo info{services::logs, "CreateLogGroup", Effect::change};

    std::string log_group_name;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Paginated; AWS returns at most 50 at a time.
struct DescribeLogGroups {
    static constexpr OperationInfo info{services::logs, "DescribeLogGroups", Effect::read};

    std::string log_group_name_prefix;
    int limit = 0; ///< 0: AWS's default
    std::string next_token;

    struct Response {
        std::vector<LogGroup> log_groups;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// With all its events.
struct DeleteLogGroup {
    static constexpr OperationInfo info{services::logs, "DeleteLogGroup", Effect::change};

    std::string log_group_name;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct PutRetentionPolicy {
    static constexpr OperationInfo info{services::logs, "PutRetentionPolicy", Effect::change};

    std::string log_group_name;
    int retention_days = 0; ///< 1, 3, 5, 7, 14, 30, 60, 90, … only

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// The log group keeps its events for ever again.
struct DeleteRetentionPolicy {
    static constexpr OperationInfo info{services::logs, "DeleteRetentionPolicy", Effect::change};

    std::string log_group_name;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Adds tags, or replaces the values of those that are there.
struct TagResource {
    static constexpr OperationInfo info{services::logs, "TagResource", Effect::change};

    std::string resource_arn;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct ListTagsForResource {
    static constexpr OperationInfo info{services::logs, "ListTagsForResource", Effect::read};

    std::string resource_arn;

    struct Response {
        Tags tags;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::logs
