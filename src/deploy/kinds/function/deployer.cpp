#include "deploy/kinds/function/deployer.h"

#include "deploy/kind.h"
#include "deploy/kinds/function/boundary.h"
#include "deploy/kinds/function/function.h"
#include "deploy/kinds/function/log_group.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/function/role.h"

#include <algorithm>
#include <iterator>

namespace nimbus::deploy::function {
namespace {

/// An earlier version of the program declared a boundary, which is to be taken away.
bool has_boundary_to_remove(const Application& application)
{
    if (application.recorded == nullptr || !declared_boundary(application).empty())
        return false;
    return std::ranges::any_of(application.recorded->records, [](const auto& entry) {
        const auto& record = entry.second;
        return record.type == Role::name &&
               typed::outputs_from<Role>(record.outputs).has_own_boundary();
    });
}

/// With a permissions boundary, roles are made and given policies within it only: whoever may do
/// more could make an administrator's role and take it. Source: IAM User Guide, "Delegating
/// responsibility to others using permissions boundaries".
std::vector<Statement> role_statements(const Application& application)
{
    const std::vector<std::string> roles{role_arn_pattern(application)};
    Statement any{.actions = {"iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
                              "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies",
                              "iam:ListRolePolicies", "iam:TagRole", "iam:UpdateAssumeRolePolicy",
                              "iam:UpdateRole"},
                  .resources = roles,
                  .id = "Roles"};
    Statement giving{
        .actions = {"iam:CreateRole", "iam:PutRolePolicy"}, .resources = roles, .id = "GiveRoles"};
    if (const auto boundary = declared_boundary(application); !boundary.empty()) {
        giving.actions.emplace_back("iam:PutRolePermissionsBoundary");
        giving.condition = string_equals({{"iam:PermissionsBoundary", boundary}});
        return {std::move(any),
                {.actions = {"iam:GetPolicy"}, .resources = {boundary}, .id = "FindBoundary"},
                std::move(giving)};
    }
    std::ranges::move(giving.actions, std::back_inserter(any.actions));
    if (has_boundary_to_remove(application))
        any.actions.emplace_back("iam:DeleteRolePermissionsBoundary");
    std::ranges::sort(any.actions);
    return {std::move(any)};
}

} // namespace

std::vector<Statement> deployer_statements(const Application& application)
{
    if (application.manifest.functions.empty() &&
        !is_recorded<Function, Role, LogGroup>(application))
        return {};
    const auto pattern = name_pattern(application);
    const auto roles = role_arn_pattern(application);
    std::vector<Statement> statements{
        {.actions = {"logs:DescribeLogGroups"}, .resources = {"*"}, .id = "FindLogGroups"},
        {.actions = {"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy",
                     "logs:ListTagsForResource", "logs:PutRetentionPolicy", "logs:TagResource"},
         .resources = {arn_of(application.target, "logs", "log-group:" + log_group_of(pattern))},
         .id = "LogGroups"}};
    std::ranges::move(role_statements(application), std::back_inserter(statements));
    statements.insert(
        statements.end(),
        {{.actions = {"iam:PassRole"},
          .resources = {roles},
          .condition = string_equals({{"iam:PassedToService", "lambda.amazonaws.com"}}),
          .id = "PassRoles"},
         // GetFunction shows tags only to who may list them.
         {.actions = {"lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunction",
                      "lambda:GetFunction", "lambda:GetPolicy", "lambda:ListTags",
                      "lambda:RemovePermission", "lambda:TagResource", "lambda:UpdateFunctionCode",
                      "lambda:UpdateFunctionConfiguration"},
          .resources = {function_arn_pattern(application)},
          .id = "Functions"}});
    return statements;
}

} // namespace nimbus::deploy::function
