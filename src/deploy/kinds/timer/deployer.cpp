#include "deploy/kinds/timer/deployer.h"

#include "deploy/kind.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/timer/declaration.h"
#include "deploy/kinds/timer/group.h"
#include "deploy/kinds/timer/schedule.h"

namespace nimbus::deploy::timer {

std::vector<Statement> deployer_statements(const Application& application)
{
    if (application.manifest.declared.of<Timer>().empty() &&
        !is_recorded<Group, ScheduleResource>(application))
        return {};
    const auto group = group_name(application.deployment());
    return {{.actions = {"scheduler:ListSchedules"}, .resources = {"*"}, .id = "FindSchedules"},
            {.actions = {"scheduler:CreateScheduleGroup", "scheduler:DeleteScheduleGroup",
                         "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource",
                         "scheduler:TagResource"},
             .resources = {group_arn(application)},
             .id = "ScheduleGroup"},
            {.actions = {"scheduler:CreateSchedule", "scheduler:DeleteSchedule",
                         "scheduler:GetSchedule", "scheduler:UpdateSchedule"},
             .resources = {arn_of(application.target, "scheduler", "schedule/" + group + "/*")},
             .id = "Schedules"},
            {.actions = {"iam:PassRole"},
             .resources = {function::role_arn_pattern(application)},
             .condition = string_equals({{"iam:PassedToService", "scheduler.amazonaws.com"}}),
             .id = "PassTimerRole"}};
}

} // namespace nimbus::deploy::timer
