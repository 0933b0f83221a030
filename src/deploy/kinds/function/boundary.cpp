#include "deploy/kinds/function/boundary.h"

#include "aws/endpoints.h"
#include "aws/ops/iam/policies.h"
#include "base/arn.h"
#include "base/error.h"

namespace nimbus::deploy::function {
namespace {

constexpr const char* way_out = "Name a policy of the account that is deployed to.";
/// In the ARNs of AWS's own policies, in place of an account.
constexpr std::string_view aws_account = "aws";

/// Source: IAM User Guide, "Permissions boundaries for IAM entities".
void check_place(const std::string& boundary, const Target& target)
{
    const auto arn = Arn::parse(boundary);
    if (!arn)
        return; // the manifest's check does not let one through
    const auto partition = aws::partition_of(target.region);
    if (arn->partition != partition)
        throw UsageError("The permissions boundary " + boundary + " is in the partition " +
                             arn->partition + ", and Region " + target.region + " is in " +
                             partition,
                         way_out);
    if (target.name != "local" && arn->account != aws_account && arn->account != target.account_id)
        throw UsageError("The permissions boundary " + boundary +
                             " is a policy of another account than the roles, which are made in " +
                             target.account_id,
                         way_out);
}

} // namespace

std::string declared_boundary(const Application& application)
{
    const auto& boundary = application.manifest.permissions_boundary;
    const auto& target = application.target;
    const auto arn = Arn::parse(boundary);
    const bool is_there = target.name != "local" || (arn && arn->account == target.account_id);
    return is_there ? boundary : "";
}

std::vector<std::string> boundary_warnings(World& world, const Application& application)
{
    const auto& boundary = application.manifest.permissions_boundary;
    if (boundary.empty())
        return {};
    check_place(boundary, application.target);
    if (declared_boundary(application).empty())
        return {"The local cloud's account does not have the policy " + boundary +
                ", so its roles get no permissions boundary."};
    if (!world.find(aws::iam::GetPolicy{.policy_arn = boundary}))
        throw Error("The permissions boundary " + boundary + " does not exist",
                    "Create the policy, or name another one in the program.");
    return {};
}

} // namespace nimbus::deploy::function
