#include "aws/passing_refusals.h"

#include <algorithm>
#include <array>

namespace nimbus::aws {
namespace {

using std::chrono::seconds;

constexpr std::string_view role_is_new = "the new role to be known everywhere";
constexpr std::string_view function_is_busy = "the function's last change to end";

// Sources: IAM User Guide, "Changes that I make are not always immediately visible"; Lambda
// Developer Guide, "Lambda function states"; API Gateway's, S3's and Scheduler's API references.
constexpr std::array refusals{
    PassingRefusal{"IAM", "PutRolePolicy", "NoSuchEntity", "", seconds(30), role_is_new},
    PassingRefusal{"IAM", "TagRole", "NoSuchEntity", "", seconds(30), role_is_new},
    PassingRefusal{"IAM", "DeleteRole", "DeleteConflict", "", seconds(30),
                   "the role's policies to be gone"},
    PassingRefusal{"Lambda", "", "InvalidParameterValueException", "cannot be assumed by Lambda",
                   seconds(60), role_is_new},
    PassingRefusal{"Lambda", "", "ResourceConflictException", "in progress", seconds(300),
                   function_is_busy},
    PassingRefusal{"Lambda", "", "ResourceConflictException", "in the following state: Pending",
                   seconds(300), function_is_busy},
    PassingRefusal{"API Gateway", "", "ConflictException", "concurrent modification", seconds(60),
                   "another change of the API to end"},
    PassingRefusal{"S3", "", "OperationAborted", "", seconds(60),
                   "the bucket's last change to end"},
    PassingRefusal{"EventBridge Scheduler", "", "ValidationException", "assume the role",
                   seconds(60), role_is_new},
};

} // namespace

const PassingRefusal* find_passing_refusal(const ApiError& error)
{
    const auto& operation = error.operation();
    const auto found = std::ranges::find_if(refusals, [&](const PassingRefusal& refusal) {
        return refusal.service == operation.service.name &&
               (refusal.operation.empty() || refusal.operation == operation.name) &&
               error.is(refusal.code) && error.message().find(refusal.message) != std::string::npos;
    });
    return found == refusals.end() ? nullptr : &*found;
}

} // namespace nimbus::aws
