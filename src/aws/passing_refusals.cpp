#include "aws/passing_refusals.h"

#include <algorithm>
#include <array>

namespace nimbus::aws {
namespace {

using std::chrono::seconds;

constexpr std::string_view role_is_new = "the new role to be known everywhere";
constexpr std::string_view role_is_changed = "the role's last change to end";
constexpr std::string_view function_is_new = "the new function to be known everywhere";
constexpr std::string_view function_is_busy = "the function's last change to end";
constexpr std::string_view bucket_is_new = "the new bucket to be known everywhere";
constexpr std::string_view log_group_is_new = "the new log group to be known everywhere";

// Sources: IAM User Guide, "Changes that I make are not always immediately visible"; Lambda
// Developer Guide, "Lambda function states"; the errors of each operation in the API references of
// IAM, Lambda, API Gateway, S3, CloudWatch Logs, Aurora DSQL and Scheduler. Lambda's message about
// KMS is that of issue 4633 of Terraform's AWS provider: it makes a grant for the new role where a
// function has an environment.
constexpr std::array refusals{
    PassingRefusal{"IAM", "PutRolePolicy", "NoSuchEntity", "", seconds(30), role_is_new},
    PassingRefusal{"IAM", "TagRole", "NoSuchEntity", "", seconds(30), role_is_new},
    PassingRefusal{"IAM", "PutRolePermissionsBoundary", "NoSuchEntity", "", seconds(30),
                   role_is_new},
    PassingRefusal{"IAM", "DeleteRole", "DeleteConflict", "policies first", seconds(30),
                   "the role's policies to be gone"},
    PassingRefusal{"IAM", "", "ConcurrentModification", "", seconds(60), role_is_changed},
    PassingRefusal{"IAM", "", "EntityTemporarilyUnmodifiable", "", seconds(60), role_is_changed},
    PassingRefusal{"Lambda", "", "InvalidParameterValueException", "cannot be assumed by Lambda",
                   seconds(60), role_is_new},
    PassingRefusal{"Lambda", "", "", "invalid for CreateGrant", seconds(60), role_is_new},
    PassingRefusal{"Lambda", "", "", "does not refer to a valid principal", seconds(60),
                   role_is_new},
    PassingRefusal{"Lambda", "AddPermission", "ResourceNotFoundException", "", seconds(30),
                   function_is_new},
    PassingRefusal{"Lambda", "TagResource", "ResourceNotFoundException", "", seconds(30),
                   function_is_new},
    PassingRefusal{"Lambda", "", "ResourceConflictException", "in progress", seconds(300),
                   function_is_busy},
    PassingRefusal{"Lambda", "", "ResourceConflictException", "in the following state: Pending",
                   seconds(300), function_is_busy},
    PassingRefusal{"Lambda", "", "ResourceConflictException", "concurrent update", seconds(300),
                   function_is_busy},
    PassingRefusal{"API Gateway", "", "ConflictException", "concurrent modification", seconds(60),
                   "another change of the API to end"},
    PassingRefusal{"S3", "", "OperationAborted", "", seconds(60),
                   "the bucket's last change to end"},
    PassingRefusal{"S3", "PutPublicAccessBlock", "NoSuchBucket", "", seconds(30), bucket_is_new},
    PassingRefusal{"S3", "PutBucketEncryption", "NoSuchBucket", "", seconds(30), bucket_is_new},
    PassingRefusal{"S3", "PutBucketVersioning", "NoSuchBucket", "", seconds(30), bucket_is_new},
    PassingRefusal{"S3", "PutBucketPolicy", "NoSuchBucket", "", seconds(30), bucket_is_new},
    PassingRefusal{"S3", "PutBucketLifecycleConfiguration", "NoSuchBucket", "", seconds(30),
                   bucket_is_new},
    PassingRefusal{"CloudWatch Logs", "", "OperationAbortedException", "", seconds(60),
                   "the log group's last change to end"},
    PassingRefusal{"CloudWatch Logs", "PutRetentionPolicy", "ResourceNotFoundException", "",
                   seconds(30), log_group_is_new},
    PassingRefusal{"Aurora DSQL", "UpdateCluster", "ConflictException", "", seconds(60),
                   "the cluster's last change to end"},
    PassingRefusal{"EventBridge Scheduler", "", "ValidationException", "assume the role",
                   seconds(60), role_is_new},
    PassingRefusal{"EventBridge Scheduler", "CreateSchedule", "ResourceNotFoundException", "group",
                   seconds(30), "the new schedule group to be known everywhere"},
};

} // namespace

const PassingRefusal* find_passing_refusal(const ApiError& error)
{
    const auto& operation = error.operation();
    const auto found = std::ranges::find_if(refusals, [&](const PassingRefusal& refusal) {
        return refusal.service == operation.service.name &&
               (refusal.operation.empty() || refusal.operation == operation.name) &&
               (refusal.code.empty() || error.is(refusal.code)) &&
               error.message().find(refusal.message) != std::string::npos;
    });
    return found == refusals.end() ? nullptr : &*found;
}

} // namespace nimbus::aws
