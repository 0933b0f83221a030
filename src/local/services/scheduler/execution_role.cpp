#include "local/services/scheduler/execution_role.h"

#include "local/services/scheduler/errors.h"

namespace nimbus::local::scheduler {
namespace {

constexpr auto service_principal = "scheduler.amazonaws.com";

/// What the trust policy may test. Source: EventBridge Scheduler User Guide, "Confused deputy
/// prevention".
ConditionContext trust_context(const std::string& account_id, const ScheduleId& schedule)
{
    return {{"aws:SourceAccount", account_id},
            {"aws:SourceArn", group_arn(schedule.region, account_id, schedule.group)}};
}

} // namespace

void check_execution_role(AccessControl& access, const Principal& caller,
                          const ScheduleId& schedule, const std::string& role_arn)
{
    const auto decision = access.authorize(caller, "iam:PassRole", role_arn,
                                           {{"iam:PassedToService", service_principal}});
    if (!decision.allowed)
        throw ServiceError(403, "AccessDeniedException", decision.explanation);
    if (!access.service_may_assume(role_arn, service_principal,
                                   trust_context(caller.account_id, schedule)))
        throw_validation("The execution role you provide must allow AWS EventBridge Scheduler to "
                         "assume the role.");
}

Principal assume_execution_role(AccessControl& access, const std::string& account_id,
                                const ScheduleId& schedule, const std::string& role_arn,
                                const std::string& session_name)
{
    return access.act_as_role(role_arn, service_principal, session_name,
                              trust_context(account_id, schedule));
}

} // namespace nimbus::local::scheduler
