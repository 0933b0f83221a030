#include "deploy/kinds/function/deployer.h"

#include "deploy/kind.h"
#include "deploy/kinds/function/function.h"
#include "deploy/kinds/function/log_group.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/function/role.h"

namespace nimbus::deploy::function {

std::vector<Statement> deployer_statements(const Application& application)
{
    if (application.manifest.functions.empty() &&
        !is_recorded<Function, Role, LogGroup>(application))
        return {};
    const auto pattern = name_pattern(application);
    const auto roles = role_arn_pattern(application);
    return {
        {.actions = {"logs:DescribeLogGroups"}, .resources = {"*"}, .id = "FindLogGroups"},
        {.actions = {"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteRetentionPolicy",
                     "logs:ListTagsForResource", "logs:PutRetentionPolicy", "logs:TagResource"},
         .resources = {arn_of(application.target, "logs", "log-group:" + log_group_of(pattern))},
         .id = "LogGroups"},
        {.actions = {"iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy",
                     "iam:DetachRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
                     "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:PutRolePolicy",
                     "iam:TagRole", "iam:UpdateAssumeRolePolicy"},
         .resources = {roles},
         .id = "Roles"},
        {.actions = {"iam:PassRole"},
         .resources = {roles},
         .condition = string_equals({{"iam:PassedToService", "lambda.amazonaws.com"}}),
         .id = "PassRoles"},
        // GetFunction shows tags only to who may list them.
        {.actions = {"lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunction",
                     "lambda:GetFunction", "lambda:GetPolicy", "lambda:ListTags",
                     "lambda:RemovePermission", "lambda:TagResource", "lambda:UpdateFunctionCode",
                     "lambda:UpdateFunctionConfiguration"},
         .resources = {function_arn_pattern(application)},
         .id = "Functions"}};
}

} // namespace nimbus::deploy::function
