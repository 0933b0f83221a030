#include "deploy/kinds/function/role.h"

#include "aws/ops/iam/role_boundaries.h"
#include "aws/ops/iam/role_policies.h"
#include "aws/ops/iam/role_tags.h"
#include "base/assert.h"
#include "base/error.h"
#include "deploy/kinds/function/boundary.h"
#include "deploy/kinds/function/names.h"
#include "manifest/names.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace nimbus::deploy::function {
namespace {

/// Inline policies have 10,240 characters: beyond that many functions their names' common start has
/// to do.
constexpr std::size_t most_named_log_groups = 40;

Statement log_statement(const Application& application,
                        const std::vector<const manifest::Function*>& functions)
{
    const auto streams_of = [&](const std::string& function) {
        return arn_of(application.target, "logs", "log-group:" + log_group_of(function) + ":*");
    };
    Statement statement{.actions = {"logs:CreateLogStream", "logs:PutLogEvents"}};
    if (functions.size() > most_named_log_groups) {
        statement.resources.push_back(streams_of(name_pattern(application)));
        return statement;
    }
    for (const auto* function : functions)
        statement.resources.push_back(
            streams_of(manifest::lambda_function_name(application.manifest, *function)));
    return statement;
}

Node functions_role(const Application& application,
                    const std::vector<const manifest::Function*>& functions)
{
    const auto& first = *functions.front();
    for (const auto* function : functions)
        NIMBUS_ASSERT(std::ranges::is_permutation(function->uses, first.uses) &&
                          function->permissions == first.permissions,
                      "functions share a role that use the same and may do the same");
    const auto name = role_name(application, first);
    const auto link = links_of(application, first.uses, name);
    std::vector<Statement> statements{log_statement(application, functions)};
    statements.insert(statements.end(), link.statements.begin(), link.statements.end());
    for (const auto& permission : first.permissions)
        statements.push_back({.effect = permission.effect,
                              .actions = permission.actions,
                              .resources = permission.resources});
    auto node = role_node(application, name, trust_in("lambda.amazonaws.com"), statements);
    node.depends_on = link.depends_on;
    return std::move(node).node();
}

/// `boundary`: the one that is ours.
RoleOutputs outputs_of(const aws::iam::Role& role, const std::string& boundary)
{
    return {.role_name = role.role_name,
            .arn = role.arn,
            .role_id = role.role_id,
            .permissions_boundary = boundary};
}

/// Roles of one name, one after the other, differ in their id.
Known known(const SubjectOf<Role>& subject, const aws::iam::Role& role)
{
    return known_as(subject.is_recorded, subject.outputs.role_id, role.role_id);
}

void set_boundary(World& world, const RoleInputs& inputs)
{
    if (inputs.permissions_boundary.empty())
        world.call(aws::iam::DeleteRolePermissionsBoundary{.role_name = inputs.role_name});
    else
        world.call(aws::iam::PutRolePermissionsBoundary{
            .role_name = inputs.role_name, .permissions_boundary = inputs.permissions_boundary});
}

void put_policy(World& world, const RoleInputs& inputs)
{
    world.call(aws::iam::PutRolePolicy{.role_name = inputs.role_name,
                                       .policy_name = std::string(own_policy_name),
                                       .policy_document = json::serialize(inputs.policy)});
}

} // namespace

const std::optional<aws::iam::Role>& RoleReads::role(const std::string& role_name)
{
    return roles_.get(role_name, [&]() -> std::optional<aws::iam::Role> {
        auto found = world_.find(aws::iam::GetRole{.role_name = role_name});
        if (!found)
            return {};
        return std::move(found->role);
    });
}

NodeOf<Role> role_node(const Application& application, const std::string& name, json::object trust,
                       const std::vector<Statement>& statements)
{
    const auto role_name = iam_role_name(application, name);
    return {.name = name,
            .identity = {.role_name = role_name,
                         .arn = iam_role_arn(application, name),
                         .role_id = {},
                         .permissions_boundary = declared_boundary(application)},
            .inputs = {.role_name = role_name,
                       .trust = std::move(trust),
                       .policy = policy_document(statements),
                       .tags = tags_of(application, Role::name, name),
                       .permissions_boundary = declared_boundary(application)}};
}

RolePolicies policies_of(World& world, const std::string& role_name)
{
    RolePolicies policies;
    try {
        world.for_each_page(aws::iam::ListRolePolicies{.role_name = role_name},
                            [&](const aws::iam::ListRolePolicies::Response& page) {
                                policies.inline_names.insert(policies.inline_names.end(),
                                                             page.policy_names.begin(),
                                                             page.policy_names.end());
                            });
        world.for_each_page(aws::iam::ListAttachedRolePolicies{.role_name = role_name},
                            [&](const aws::iam::ListAttachedRolePolicies::Response& page) {
                                for (const auto& policy : page.attached_policies)
                                    policies.attached_arns.push_back(policy.policy_arn);
                            });
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found())
            throw;
    }
    return policies;
}

std::vector<Node> role_nodes(const Application& application)
{
    std::map<std::string, std::vector<const manifest::Function*>> users;
    for (const auto& function : application.manifest.functions)
        users[role_name(application, function)].push_back(&function);
    std::vector<Node> nodes;
    for (const auto& [name, functions] : users)
        nodes.push_back(functions_role(application, functions));
    return nodes;
}

std::optional<ObservedOf<Role>> Role::read(World& world, Reads& reads,
                                           const SubjectOf<Role>& subject)
{
    const auto& role_name = subject.outputs.role_name;
    const auto& found = reads.of<RoleReads>().role(role_name);
    if (!found)
        return {};
    const auto& role = *found;
    check_owner(world, known(subject, role), role.tags, "The IAM role " + role_name);
    const auto policy = world.find(aws::iam::GetRolePolicy{
        .role_name = role_name, .policy_name = std::string(own_policy_name)});
    const auto what = "The policy of the role " + role_name;
    return ObservedOf<Role>{
        .inputs = {.role_name = role_name,
                   .trust = parse_json(role.assume_role_policy_document, what),
                   .policy = policy ? parse_json(policy->policy_document, what) : json::value(),
                   .tags = own_tags(role.tags),
                   .permissions_boundary =
                       subject.outputs.has_own_boundary() ? role.permissions_boundary : ""},
        .outputs = outputs_of(role, subject.outputs.permissions_boundary),
        .settings = {.max_session_duration = static_cast<int>(role.max_session_duration.count())}};
}

RoleOutputs Role::create(World& world, const SubjectOf<Role>&, const Inputs& inputs)
{
    const auto made = world.call(
        aws::iam::CreateRole{.role_name = inputs.role_name,
                             .assume_role_policy_document = json::serialize(inputs.trust),
                             .description = "Of " + world.owner() + ", made by Nimbus",
                             .permissions_boundary = inputs.permissions_boundary,
                             .tags = inputs.tags});
    put_policy(world, inputs);
    return outputs_of(made.role, inputs.permissions_boundary);
}

RoleOutputs Role::update(World& world, const SubjectOf<Role>&, const Inputs& inputs,
                         const ObservedOf<Role>& observed)
{
    auto outputs = observed.outputs;
    // First: a deployer's policy may allow changes of roles within this boundary only.
    if (inputs.permissions_boundary != observed.inputs.permissions_boundary) {
        set_boundary(world, inputs);
        outputs.permissions_boundary = inputs.permissions_boundary.empty()
                                           ? RoleOutputs::no_boundary
                                           : inputs.permissions_boundary;
    }
    if (inputs.trust != observed.inputs.trust)
        world.call(aws::iam::UpdateAssumeRolePolicy{
            .role_name = inputs.role_name, .policy_document = json::serialize(inputs.trust)});
    const std::chrono::seconds session(Settings().max_session_duration);
    if (observed.settings.max_session_duration != session.count())
        world.call(
            aws::iam::UpdateRole{.role_name = inputs.role_name, .max_session_duration = session});
    if (inputs.policy != observed.inputs.policy)
        put_policy(world, inputs);
    if (inputs.tags != observed.inputs.tags)
        world.call(aws::iam::TagRole{.role_name = inputs.role_name, .tags = inputs.tags});
    return outputs;
}

namespace {

/// Without policies. What else holds it, such as an instance profile, is somebody else's.
void delete_role(World& world, const std::string& role_name)
{
    try {
        world.find(aws::iam::DeleteRole{.role_name = role_name});
    } catch (const aws::ApiError& error) {
        if (!error.is("DeleteConflict"))
            throw;
        throw Error("Something that Nimbus did not make holds the IAM role " + role_name + ": " +
                        error.message(),
                    "Remove the role from it; 'aws iam list-instance-profiles-for-role "
                    "--role-name " +
                        role_name + "' lists instance profiles. Then run the command again.");
    }
}

} // namespace

void Role::destroy(World& world, const SubjectOf<Role>& subject)
{
    const auto& role_name = subject.outputs.role_name;
    const auto found = world.find(aws::iam::GetRole{.role_name = role_name});
    if (!found)
        return;
    check_owner(world, known(subject, found->role), found->role.tags, "The IAM role " + role_name);
    const auto policies = policies_of(world, role_name);
    for (const auto& policy_name : policies.inline_names)
        world.find(aws::iam::DeleteRolePolicy{.role_name = role_name, .policy_name = policy_name});
    for (const auto& arn : policies.attached_arns)
        world.find(aws::iam::DetachRolePolicy{.role_name = role_name, .policy_arn = arn});
    delete_role(world, role_name);
}

} // namespace nimbus::deploy::function
