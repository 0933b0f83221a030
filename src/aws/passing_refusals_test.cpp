#include "aws/ops/apigatewayv2/routes.h"
#include "aws/ops/dsql/clusters.h"
#include "aws/ops/iam/role_policies.h"
#include "aws/ops/iam/roles.h"
#include "aws/ops/lambda/functions.h"
#include "aws/ops/lambda/permissions.h"
#include "aws/ops/logs/log_groups.h"
#include "aws/ops/s3/bucket_settings.h"
#include "aws/ops/s3/objects.h"
#include "aws/ops/scheduler/schedules.h"
#include "aws/passing_refusals.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

bool passes(const OperationInfo& operation, const std::string& code, const std::string& message)
{
    return find_passing_refusal(ApiError(operation, 400, {.code = code, .message = message})) !=
           nullptr;
}

TEST(PassingRefusals, AreThoseOfANewRole)
{
    EXPECT_TRUE(passes(iam::PutRolePolicy::info, "NoSuchEntity",
                       "The role with name shop-dev-functions cannot be found."));
    EXPECT_TRUE(passes(lambda::CreateFunction::info, "InvalidParameterValueException",
                       "The role defined for the function cannot be assumed by Lambda."));
    EXPECT_TRUE(passes(scheduler::CreateSchedule::info, "ValidationException",
                       "The execution role you provide must allow AWS EventBridge Scheduler to "
                       "assume the role."));
    EXPECT_TRUE(passes(iam::DeleteRole::info, "DeleteConflict",
                       "Cannot delete entity, must delete policies first."));
}

/// Lambda makes a grant for the role, which KMS does not know yet. The code varies.
TEST(PassingRefusals, AreThoseOfKmsThatDoesNotKnowANewRole)
{
    const std::string message =
        "Lambda was unable to configure access to your environment variables because the KMS key "
        "is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: "
        "InvalidArnException KMS Message: ARN does not refer to a valid principal: "
        "arn:aws:iam::123456789012:role/shop-dev-functions";
    for (const std::string code : {"InvalidParameterValueException", "AccessDeniedException"})
        EXPECT_TRUE(passes(lambda::CreateFunction::info, code, message)) << code;
    EXPECT_FALSE(passes(lambda::CreateFunction::info, "AccessDeniedException",
                        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
                        "lambda:CreateFunction"));
}

TEST(PassingRefusals, AreThoseOfWhatWasMadeAMomentAgo)
{
    EXPECT_TRUE(passes(lambda::AddPermission::info, "ResourceNotFoundException",
                       "Function not found: arn:aws:lambda:us-east-1:123456789012:function:f"));
    EXPECT_TRUE(
        passes(s3::PutBucketPolicy::info, "NoSuchBucket", "The specified bucket does not exist"));
    EXPECT_TRUE(passes(logs::PutRetentionPolicy::info, "ResourceNotFoundException",
                       "The specified log group does not exist."));
    EXPECT_TRUE(passes(scheduler::CreateSchedule::info, "ResourceNotFoundException",
                       "Schedule group shop-dev does not exist."));
}

TEST(PassingRefusals, AreThoseOfWhatIsBusy)
{
    EXPECT_TRUE(passes(lambda::UpdateFunctionCode::info, "ResourceConflictException",
                       "The operation cannot be performed at this time. An update is in progress "
                       "for resource: arn:aws:lambda:us-east-1:123456789012:function:f"));
    EXPECT_TRUE(passes(s3::PutBucketPolicy::info, "OperationAborted",
                       "A conflicting conditional operation is currently in progress against this "
                       "resource. Please try again."));
    EXPECT_TRUE(passes(lambda::AddPermission::info, "ResourceConflictException",
                       "The operation cannot be performed at this time. The function is currently "
                       "in the following state: Pending"));
    EXPECT_TRUE(passes(lambda::AddPermission::info, "ResourceConflictException",
                       "The function could not be updated due to a concurrent update operation."));
    EXPECT_TRUE(passes(iam::PutRolePolicy::info, "ConcurrentModification",
                       "Multiple requests to change this object were submitted simultaneously."));
    EXPECT_TRUE(passes(logs::CreateLogGroup::info, "OperationAbortedException",
                       "A conflicting operation is currently in progress against this resource."));
    EXPECT_TRUE(
        passes(dsql::UpdateCluster::info, "ConflictException", "The cluster is being updated."));
    EXPECT_TRUE(passes(apigatewayv2::CreateRoute::info, "ConflictException",
                       "Unable to complete operation due to concurrent modification. Please try "
                       "again later."));
}

TEST(PassingRefusals, AreNotThoseThatStay)
{
    EXPECT_FALSE(passes(iam::GetRole::info, "NoSuchEntity", "The role cannot be found."));
    EXPECT_FALSE(passes(iam::DeleteRole::info, "DeleteConflict",
                        "Cannot delete entity, must remove roles from instance profile first."));
    EXPECT_FALSE(passes(s3::PutObject::info, "NoSuchBucket", "The bucket does not exist"));
    EXPECT_FALSE(passes(lambda::AddPermission::info, "ResourceConflictException",
                        "The statement id (nimbus-1) provided already exists."));
    EXPECT_FALSE(passes(lambda::CreateFunction::info, "InvalidParameterValueException",
                        "Unzipped size must be smaller than 262144000 bytes"));
    EXPECT_FALSE(passes(apigatewayv2::CreateRoute::info, "ConflictException",
                        "Route with key GET /users already exists for this API"));
}

} // namespace
} // namespace nimbus::aws
