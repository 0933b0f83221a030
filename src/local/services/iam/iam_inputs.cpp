#include "local/services/iam/iam_service.h"

namespace nimbus::local {

std::vector<InputMembers> iam_inputs()
{
    return {
        {"AttachRolePolicy", "RoleName PolicyArn", {}},
        {"AttachUserPolicy", "UserName PolicyArn", {}},
        {"CreateAccessKey", "UserName", {}},
        {"CreatePolicy", "PolicyName Path PolicyDocument Description Tags.Key Tags.Value", {}},
        {"CreateRole",
         "Path RoleName AssumeRolePolicyDocument Description MaxSessionDuration "
         "PermissionsBoundary Tags.Key Tags.Value",
         {}},
        {"CreateUser", "Path UserName PermissionsBoundary Tags.Key Tags.Value", {}},
        {"DeleteAccessKey", "UserName AccessKeyId", {}},
        {"DeletePolicy", "PolicyArn", {}},
        {"DeleteRole", "RoleName", {}},
        {"DeleteRolePermissionsBoundary", "RoleName", {}},
        {"DeleteRolePolicy", "RoleName PolicyName", {}},
        {"DeleteUser", "UserName", {}},
        {"DeleteUserPolicy", "UserName PolicyName", {}},
        {"DetachRolePolicy", "RoleName PolicyArn", {}},
        {"DetachUserPolicy", "UserName PolicyArn", {}},
        {"GetPolicy", "PolicyArn", {}},
        {"GetPolicyVersion", "PolicyArn VersionId", {}},
        {"GetRole", "RoleName", {}},
        {"GetRolePolicy", "RoleName PolicyName", {}},
        {"GetUser", "UserName", {}},
        {"GetUserPolicy", "UserName PolicyName", {}},
        {"ListAccessKeys", "UserName Marker MaxItems", {}},
        {"ListAttachedRolePolicies", "RoleName Marker MaxItems", {}},
        {"ListAttachedUserPolicies", "UserName Marker MaxItems", {}},
        {"ListPolicies", "Scope OnlyAttached PathPrefix Marker MaxItems", {}},
        {"ListRolePolicies", "RoleName", {}},
        {"ListRoleTags", "RoleName", {}},
        {"ListRoles", "PathPrefix Marker MaxItems", {}},
        {"ListUserPolicies", "UserName", {}},
        {"ListUsers", "PathPrefix Marker MaxItems", {}},
        {"PutRolePermissionsBoundary", "RoleName PermissionsBoundary", {}},
        {"PutRolePolicy", "RoleName PolicyName PolicyDocument", {}},
        {"PutUserPolicy", "UserName PolicyName PolicyDocument", {}},
        {"TagRole", "RoleName Tags.Key Tags.Value", {}},
        {"UntagRole", "RoleName TagKeys", {}},
        {"UpdateAccessKey", "UserName AccessKeyId Status", {}},
        {"UpdateAssumeRolePolicy", "RoleName PolicyDocument", {}},
        {"UpdateRole", "RoleName Description MaxSessionDuration", {}},
    };
}

} // namespace nimbus::local
