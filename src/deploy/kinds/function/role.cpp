#include "aws/ops/iam/role_policies.h"
#include "aws/ops/iam/role_tags.h"
#include "aws/ops/iam/roles.h"
#include "base/error.h"
#include "deploy/resources/catalog.h"
#include "manifest/names.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

/// What functions may do: one IAM role for all functions that use the same databases. Lambda may
/// assume it; its inline policy allows their log groups, and to connect to those databases.
namespace nimbus::deploy {
namespace {

constexpr std::string_view policy_name = "nimbus";
/// Inline policies have 10,240 characters: beyond that many functions their names' common start has
/// to do.
constexpr std::size_t most_named_log_groups = 40;

json::object allow(json::array actions, json::array resources)
{
    return {
        {"Effect", "Allow"}, {"Action", std::move(actions)}, {"Resource", std::move(resources)}};
}

json::object policy_document(json::array statements)
{
    return {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
}

json::object trust_in_lambda()
{
    return policy_document(
        {json::object{{"Effect", "Allow"},
                      {"Principal", json::object{{"Service", "lambda.amazonaws.com"}}},
                      {"Action", "sts:AssumeRole"}}});
}

json::array log_groups(const Application& application,
                       const std::vector<const manifest::Function*>& functions)
{
    const auto streams_of = [&](const std::string& function) {
        return arn_of(application.target, "logs", "log-group:" + log_group_of(function) + ":*");
    };
    json::array arns;
    if (functions.size() > most_named_log_groups) {
        arns.emplace_back(
            streams_of(application.manifest.project + '-' + application.manifest.stage + "-*"));
        return arns;
    }
    for (const auto* function : functions)
        arns.emplace_back(
            streams_of(manifest::lambda_function_name(application.manifest, *function)));
    return arns;
}

Node role_node(const Application& application,
               const std::vector<const manifest::Function*>& functions)
{
    const auto& first = *functions.front();
    Node node{.type = "role", .name = role_name(application, first)};
    json::array clusters;
    for (const auto& name : first.uses) {
        const auto key = cluster_key(sql_named(application.manifest, name));
        if (std::ranges::find(node.depends_on, key) != node.depends_on.end())
            continue;
        node.depends_on.push_back(key);
        clusters.emplace_back(output_of(key, "arn"));
    }
    json::array statements{
        allow({"logs:CreateLogStream", "logs:PutLogEvents"}, log_groups(application, functions))};
    if (!clusters.empty())
        statements.emplace_back(allow({"dsql:DbConnect"}, std::move(clusters)));
    node.identity = {{"roleName", iam_role_name(application, first)},
                     {"arn", iam_role_arn(application, first)}};
    node.inputs = {{"roleName", iam_role_name(application, first)},
                   {"trust", trust_in_lambda()},
                   {"policy", policy_document(std::move(statements))},
                   {"tags", tags_input(application, node.type, node.name)}};
    return node;
}

std::vector<Node> declare(const Application& application)
{
    std::map<std::string, std::vector<const manifest::Function*>> users;
    for (const auto& function : application.manifest.functions)
        users[role_name(application, function)].push_back(&function);
    std::vector<Node> nodes;
    for (const auto& [name, functions] : users)
        nodes.push_back(role_node(application, functions));
    return nodes;
}

json::object outputs_of(const aws::iam::Role& role)
{
    return {{"roleName", role.role_name}, {"arn", role.arn}, {"roleId", role.role_id}};
}

std::optional<Observed> read(World& world, Reads&, const Subject& subject)
{
    const auto name = subject.output("roleName");
    const auto found = world.find(aws::iam::GetRole{.role_name = name});
    if (!found)
        return {};
    const auto& role = found->role;
    check_owner(world, subject, role.tags, "The IAM role " + name);
    const auto policy = world.find(
        aws::iam::GetRolePolicy{.role_name = name, .policy_name = std::string(policy_name)});
    const auto what = "The policy of the role " + name;
    return Observed{
        .inputs = {{"roleName", name},
                   {"trust", parse_json(role.assume_role_policy_document, what)},
                   {"policy", policy ? parse_json(policy->policy_document, what) : json::value()},
                   {"tags", own_tags(role.tags)}},
        .outputs = outputs_of(role)};
}

void put_policy(World& world, const json::object& inputs)
{
    world.call(aws::iam::PutRolePolicy{.role_name = string_or_empty(inputs, "roleName"),
                                       .policy_name = std::string(policy_name),
                                       .policy_document = json::serialize(inputs.at("policy"))});
}

json::object update(World& world, const Subject&, const json::object& inputs,
                    const Observed& observed)
{
    const auto name = string_or_empty(inputs, "roleName");
    const auto differs = [&](std::string_view key) {
        return inputs.at(key) != observed.inputs.at(key);
    };
    if (differs("trust"))
        world.call(aws::iam::UpdateAssumeRolePolicy{
            .role_name = name, .policy_document = json::serialize(inputs.at("trust"))});
    if (differs("policy"))
        put_policy(world, inputs);
    if (differs("tags"))
        world.call(
            aws::iam::TagRole{.role_name = name, .tags = to_tags(inputs.at("tags").as_object())});
    return observed.outputs;
}

json::object create(World& world, const Subject& subject, const json::object& inputs)
{
    json::object outputs;
    try {
        outputs =
            outputs_of(world
                           .call(aws::iam::CreateRole{
                               .role_name = string_or_empty(inputs, "roleName"),
                               .assume_role_policy_document = json::serialize(inputs.at("trust")),
                               .description = "Functions of " + world.owner() + ", made by Nimbus",
                               .tags = to_tags(inputs.at("tags").as_object())})
                           .role);
    } catch (const aws::ApiError& error) {
        // A call whose answer was lost is sent again, and meets itself.
        Reads reads(world);
        const auto observed =
            error.is("EntityAlreadyExists") ? read(world, reads, subject) : std::nullopt;
        if (!observed)
            throw;
        return update(world, subject, inputs, *observed);
    }
    put_policy(world, inputs);
    return outputs;
}

void destroy(World& world, const Subject& subject)
{
    const auto name = subject.output("roleName");
    std::vector<std::string> inline_policies;
    std::vector<std::string> attached;
    try {
        world.for_each_page(aws::iam::ListRolePolicies{.role_name = name},
                            [&](const aws::iam::ListRolePolicies::Response& page) {
                                inline_policies.insert(inline_policies.end(),
                                                       page.policy_names.begin(),
                                                       page.policy_names.end());
                            });
        world.for_each_page(aws::iam::ListAttachedRolePolicies{.role_name = name},
                            [&](const aws::iam::ListAttachedRolePolicies::Response& page) {
                                for (const auto& policy : page.attached_policies)
                                    attached.push_back(policy.policy_arn);
                            });
    } catch (const aws::ApiError& error) {
        if (error.is_not_found())
            return;
        throw;
    }
    for (const auto& policy : inline_policies)
        world.find(aws::iam::DeleteRolePolicy{.role_name = name, .policy_name = policy});
    for (const auto& arn : attached)
        world.find(aws::iam::DetachRolePolicy{.role_name = name, .policy_arn = arn});
    world.find(aws::iam::DeleteRole{.role_name = name});
}

} // namespace

ResourceType role_type()
{
    return {.name = "role",
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
