#include "local/services/scheduler/scheduler_service.h"

namespace nimbus::local {
namespace {

constexpr std::string_view schedule_members =
    "ActionAfterCompletion ClientToken Description EndDate "
    "FlexibleTimeWindow.MaximumWindowInMinutes FlexibleTimeWindow.Mode GroupName KmsKeyArn "
    "ScheduleExpression ScheduleExpressionTimezone StartDate State Target.Arn "
    "Target.DeadLetterConfig Target.EcsParameters Target.EventBridgeParameters "
    "Target.Input Target.KinesisParameters Target.RetryPolicy.MaximumEventAgeInSeconds "
    "Target.RetryPolicy.MaximumRetryAttempts Target.RoleArn "
    "Target.SageMakerPipelineParameters Target.SqsParameters";

} // namespace

std::vector<InputMembers> scheduler_inputs()
{
    return {
        {"CreateSchedule", std::string(schedule_members), {}},
        {"CreateScheduleGroup", "ClientToken Tags.Key Tags.Value", {}},
        {"DeleteSchedule", "clientToken groupName", {}},
        {"DeleteScheduleGroup", "clientToken", {}},
        {"GetSchedule", "groupName", {}},
        {"GetScheduleGroup", "", {}},
        {"ListScheduleGroups", "MaxResults NamePrefix NextToken", {}},
        {"ListSchedules", "ScheduleGroup MaxResults NamePrefix NextToken State", {}},
        {"ListTagsForResource", "", {}},
        {"TagResource", "Tags.Key Tags.Value", {}},
        {"UntagResource", "TagKeys", {}},
        {"UpdateSchedule", std::string(schedule_members), {}},
    };
}

} // namespace nimbus::local
