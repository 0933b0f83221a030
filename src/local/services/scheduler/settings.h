#pragma once

#include "base/json.h"
#include "base/time.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// EventBridge Scheduler in the local cloud. Source of the shapes and their limits: botocore's
/// model of the service; of the behaviour: EventBridge Scheduler User Guide.
namespace nimbus::local::scheduler {

inline constexpr std::string_view validation = "ValidationException";

/// How long and how often an invocation that the target refuses is tried again.
struct RetryPolicy {
    std::chrono::seconds maximum_event_age{86'400};
    int maximum_retry_attempts = 185;
};

/// What a schedule invokes: a Lambda function.
struct Target {
    std::string arn;
    std::string role_arn; ///< whose permissions the invocation has
    std::optional<std::string>
        input; ///< JSON, with context attributes; nothing: see target_input.h
    RetryPolicy retry_policy;
};

/// What a schedule's owner says of it.
struct Settings {
    std::string description;
    std::string expression;
    std::string time_zone = "UTC";
    std::optional<SystemTime> start; ///< no moment is earlier
    std::optional<SystemTime> end;   ///< no moment is later
    bool is_enabled = true;
    std::chrono::minutes window{0}; ///< an invocation comes this much later at the most
    bool is_deleted_after_completion = false;
    Target target;
};

/// Reads the members of CreateSchedule and UpdateSchedule, and what `to_json` wrote. Throws
/// ServiceError when one is wrong, or when the local cloud cannot do what it asks for.
Settings read_settings(const json::object& input, const std::string& region);

/// The members as GetSchedule answers them, with the defaults filled in.
json::object to_json(const Settings& settings);

/// Throws ServiceError for a StartDate or EndDate that makes no sense at `now`.
void check_dates(const Settings& settings, SystemTime now);

} // namespace nimbus::local::scheduler
