#pragma once

#include "aws/operation.h"
#include "base/random.h"
#include "base/time.h"

#include <optional>

/// EventBridge Scheduler: groups of schedules, which carry the tags. Errors worth knowing:
/// ResourceNotFoundException (404), ConflictException (409: the name is taken, or the group is
/// being deleted).
namespace nimbus::aws::scheduler {

struct CreateScheduleGroup {
    static constexpr OperationInfo info{services::scheduler, "CreateScheduleGroup", Effect::change};

    std::string name; ///< letters, digits, - _ and ., at most 64
    Tags tags;
    std::string client_token = random_uuid(); ///< a repeat with it answers as the first call did

    struct Response {
        std::string schedule_group_arn;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct GetScheduleGroup {
    static constexpr OperationInfo info{services::scheduler, "GetScheduleGroup", Effect::read};

    std::string name;

    struct Response {
        std::string arn;
        std::string name;
        std::string state; ///< ACTIVE, or DELETING until all its schedules are gone
        std::optional<SystemTime> creation_date;
        std::optional<SystemTime> last_modification_date;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// With its schedules, which may still be called for a while.
struct DeleteScheduleGroup {
    static constexpr OperationInfo info{services::scheduler, "DeleteScheduleGroup", Effect::change};

    std::string name;
    std::string client_token = random_uuid();

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::scheduler
