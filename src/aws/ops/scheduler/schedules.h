#pragma once

#include "aws/operation.h"
#include "base/random.h"
#include "base/time.h"

#include <optional>
#include <vector>

/// EventBridge Scheduler: schedules. They are in a group ("default" where none is named) and have
/// no tags of their own. Errors worth knowing: ResourceNotFoundException (404: the schedule, or its
/// group), ConflictException (409: the name is taken, or another change is under way),
/// ValidationException (400; "must allow AWS EventBridge Scheduler to assume the role" while a role
/// is new), ServiceQuotaExceededException (402), ThrottlingException (429; retried).
namespace nimbus::aws::scheduler {

/// What to do when the target refuses, or cannot be reached. Defaults: AWS's, the largest ones.
struct RetryPolicy {
    int maximum_retry_attempts = 185;          ///< 0 to 185
    int maximum_event_age_in_seconds = 86'400; ///< 60 to 86,400

    bool operator==(const RetryPolicy&) const = default;
};

/// What is called.
struct ScheduleTarget {
    std::string arn;
    std::string role_arn; ///< that Scheduler assumes to call it
    std::string input;    ///< JSON text; <aws.scheduler.…> in it is filled in
    RetryPolicy retry_policy;
    std::string dead_letter_arn; ///< of a queue for what could not be delivered

    bool operator==(const ScheduleTarget&) const = default;
};

/// All of a schedule that can be changed.
struct ScheduleSettings {
    std::string schedule_expression;                  ///< rate(…), cron(…) or at(…)
    std::string schedule_expression_timezone = "UTC"; ///< in the names of the IANA database
    std::string description;
    bool enabled = true;
    /// Anywhere within so many minutes after the time, 1 to 1,440; absent: at the time.
    std::optional<int> flexible_window_in_minutes;
    std::optional<SystemTime> start_date;         ///< whole seconds
    std::optional<SystemTime> end_date;           ///< whole seconds
    std::string action_after_completion = "NONE"; ///< or DELETE
    std::string kms_key_arn;
    ScheduleTarget target;

    bool operator==(const ScheduleSettings&) const = default;
};

/// Changing operations answer with the schedule's ARN.
struct ScheduleArn {
    std::string schedule_arn;
};

struct CreateSchedule {
    static constexpr OperationInfo info{services::scheduler, "CreateSchedule", Effect::change};

    std::string name;
    std::string group_name;
    ScheduleSettings settings;
    std::string client_token = random_uuid(); ///< a repeat with it answers as the first call did

    using Response = ScheduleArn;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct GetSchedule {
    static constexpr OperationInfo info{services::scheduler, "GetSchedule", Effect::read};

    std::string name;
    std::string group_name;

    struct Response {
        std::string arn;
        std::string name;
        std::string group_name;
        ScheduleSettings settings;
        std::optional<SystemTime> creation_date;
        std::optional<SystemTime> last_modification_date;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Replaces all settings: what is not sent goes back to AWS's defaults.
struct UpdateSchedule {
    static constexpr OperationInfo info{services::scheduler, "UpdateSchedule", Effect::change};

    std::string name;
    std::string group_name;
    ScheduleSettings settings;
    std::string client_token = random_uuid();

    using Response = ScheduleArn;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteSchedule {
    static constexpr OperationInfo info{services::scheduler, "DeleteSchedule", Effect::change};

    std::string name;
    std::string group_name;
    std::string client_token = random_uuid();

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Paginated.
struct ListSchedules {
    static constexpr OperationInfo info{services::scheduler, "ListSchedules", Effect::read};

    std::string group_name; ///< empty: of all groups
    std::string name_prefix;
    int max_results = 0; ///< 1 to 100; 0: AWS's default
    std::string next_token;

    struct Summary {
        std::string arn;
        std::string name;
        std::string group_name;
        bool enabled = true;
        std::string target_arn;
    };
    struct Response {
        std::vector<Summary> schedules;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::scheduler
