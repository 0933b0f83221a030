#include "deploy/kinds/function/extras.h"

#include "aws/ops/iam/role_boundaries.h"
#include "aws/ops/iam/role_policies.h"
#include "aws/ops/lambda/permissions.h"
#include "deploy/kinds/function/permission.h"
#include "deploy/kinds/function/role.h"

#include <set>

namespace nimbus::deploy::function {
namespace {

void add_policies_of(World& world, const PresentOf<Role>& role, std::vector<Extra>& extras)
{
    const auto key = key_of<Role>(role.name);
    const auto role_name = role.outputs.role_name;
    const auto policies = policies_of(world, role_name);
    for (const auto& name : policies.inline_names)
        if (name != own_policy_name)
            extras.push_back({.resource = key,
                              .what = "the inline policy " + name,
                              .remove = [role_name, name](World& there) {
                                  there.find(aws::iam::DeleteRolePolicy{.role_name = role_name,
                                                                        .policy_name = name});
                              }});
    for (const auto& arn : policies.attached_arns)
        extras.push_back(
            {.resource = key,
             .what = "the attached policy " + arn,
             .remove = [role_name, arn](World& there) {
                 there.find(aws::iam::DetachRolePolicy{.role_name = role_name, .policy_arn = arn});
             }});
}

/// Who sets a limit lifts it: what 'nimbus init --policy' prints does not allow that.
void remove_boundary(World& world, const std::string& role_name)
{
    try {
        world.find(aws::iam::DeleteRolePermissionsBoundary{.role_name = role_name});
    } catch (const aws::ApiError& error) {
        if (error.http_status() != 403)
            throw;
        throw Error(error.what(),
                    "The policy of 'nimbus init --policy' leaves this out on purpose: "
                    "whoever limits a role lifts the limit. Ask them, or deploy "
                    "without --prune.");
    }
}

void add_boundary_of(Reads& reads, const PresentOf<Role>& role, std::vector<Extra>& extras)
{
    const auto role_name = role.outputs.role_name;
    const auto& found = reads.of<RoleReads>().role(role_name);
    if (!found || found->permissions_boundary.empty() || role.outputs.has_own_boundary())
        return;
    extras.push_back({.resource = key_of<Role>(role.name),
                      .what = "the permissions boundary " + found->permissions_boundary,
                      .remove = [role_name](World& there) { remove_boundary(there, role_name); }});
}

} // namespace

std::vector<Extra> extras(World& world, Reads& reads, const Present& present)
{
    std::vector<Extra> extras;
    for (const auto& role : present.of<Role>()) {
        add_policies_of(world, role, extras);
        add_boundary_of(reads, role, extras);
    }

    std::set<std::pair<std::string, std::string>> own;
    for (const auto& permission : present.of<Permission>())
        own.emplace(permission.outputs.function_name, permission.outputs.statement_id);
    for (const auto& function : present.of<Function>()) {
        const auto function_name = function.outputs.function_name;
        for (const auto& [id, source] : policy_statements(reads, function_name))
            if (!own.contains({function_name, id}))
                extras.push_back({.resource = key_of<Function>(function.name),
                                  .what = "the permission " + id,
                                  .remove = [function_name, id](World& there) {
                                      there.find(aws::lambda::RemovePermission{
                                          .function_name = function_name, .statement_id = id});
                                  }});
    }
    return extras;
}

} // namespace nimbus::deploy::function
