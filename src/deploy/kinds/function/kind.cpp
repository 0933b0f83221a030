#include "deploy/kinds/function/kind.h"

#include "deploy/kinds/function/artifact.h"
#include "deploy/kinds/function/boundary.h"
#include "deploy/kinds/function/deployer.h"
#include "deploy/kinds/function/extras.h"
#include "deploy/kinds/function/function.h"
#include "deploy/kinds/function/limits.h"
#include "deploy/kinds/function/log_group.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/function/output.h"
#include "deploy/kinds/function/permission.h"
#include "deploy/kinds/function/role.h"

#include <algorithm>
#include <iterator>

namespace nimbus::deploy::function {
namespace {

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (auto part :
         {artifact_nodes, log_group_nodes, role_nodes, function_nodes, permission_nodes})
        std::ranges::move(part(application), std::back_inserter(nodes));
    return nodes;
}

std::vector<json::object> outputs(const Application& application, const State& state)
{
    std::vector<json::object> all;
    for (const auto& function : application.manifest.functions)
        all.push_back(described::to_json(
            FunctionOutput{.name = function.name,
                           .arn = outputs_in<Function>(state, function.name).arn,
                           .log_group = outputs_in<LogGroup>(state, function.name).log_group}));
    return all;
}

/// The role of most applications; names of functions are the program's.
std::vector<std::string> strays(World& world, Reads& reads)
{
    const auto name = default_iam_role_name(world.deployment());
    const auto& role = reads.of<RoleReads>().role(name);
    if (!role || !world.owns(role->tags))
        return {};
    return {"the role " + name};
}

} // namespace

Kind kind()
{
    return {.name = kind_name,
            .list = "functions",
            .id_member = "arn",
            .is_always_listed = true,
            .types = {resource_type<Artifact>(), resource_type<LogGroup>(), resource_type<Role>(),
                      resource_type<Function>(), resource_type<Permission>()},
            .declare = declare,
            .outputs = outputs,
            .check_output = check_output<FunctionOutput>,
            .warnings = boundary_warnings,
            .limits = limits,
            .deployer_statements = deployer_statements,
            .strays = strays,
            .extras = extras};
}

} // namespace nimbus::deploy::function
