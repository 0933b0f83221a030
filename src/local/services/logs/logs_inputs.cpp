#include "local/services/logs/logs_service.h"

namespace nimbus::local {

std::vector<InputMembers> logs_inputs()
{
    return {
        {"CreateLogGroup", "logGroupName tags logGroupClass", {}},
        {"CreateLogStream", "logGroupName logStreamName", {}},
        {"DeleteLogGroup", "logGroupName", {}},
        {"DeleteLogStream", "logGroupName logStreamName", {}},
        {"DeleteRetentionPolicy", "logGroupName", {}},
        {"DescribeLogGroups",
         "logGroupNamePrefix logGroupNamePattern nextToken limit logGroupClass",
         {{"includeLinkedAccounts", "there is one account"}}},
        {"DescribeLogStreams",
         "logGroupName logGroupIdentifier logStreamNamePrefix orderBy descending nextToken limit",
         {}},
        {"FilterLogEvents",
         "logGroupName logGroupIdentifier logStreamNames logStreamNamePrefix startTime endTime "
         "filterPattern nextToken limit",
         {{"interleaved", "answers are interleaved in any case, as CloudWatch Logs has it"},
          {"unmask", "nothing is masked"}}},
        {"GetLogEvents",
         "logGroupName logGroupIdentifier logStreamName startTime endTime nextToken limit "
         "startFromHead",
         {{"unmask", "nothing is masked"}}},
        {"ListTagsForResource", "resourceArn", {}},
        {"ListTagsLogGroup", "logGroupName", {}},
        {"PutLogEvents",
         "logGroupName logStreamName logEvents.timestamp logEvents.message",
         {{"sequenceToken", "CloudWatch Logs does not look at it any more"}}},
        {"PutRetentionPolicy", "logGroupName retentionInDays", {}},
        {"TagLogGroup", "logGroupName tags", {}},
        {"TagResource", "resourceArn tags", {}},
        {"UntagLogGroup", "logGroupName tags", {}},
        {"UntagResource", "resourceArn tagKeys", {}},
    };
}

} // namespace nimbus::local
