#pragma once

#include "local/iam/access_control.h"
#include "local/services/scheduler/schedule_record.h"

#include <string>

/// The role whose permissions the invocations of a schedule have.
namespace nimbus::local::scheduler {

/// Throws ServiceError unless `caller` may pass the role on and the role trusts Scheduler.
void check_execution_role(AccessControl& access, const Principal& caller,
                          const ScheduleId& schedule, const std::string& role_arn);

/// Who Scheduler is while it invokes the schedule's target. Throws Error when the role does not
/// exist or does not trust Scheduler.
Principal assume_execution_role(AccessControl& access, const std::string& account_id,
                                const ScheduleId& schedule, const std::string& role_arn,
                                const std::string& session_name);

} // namespace nimbus::local::scheduler
