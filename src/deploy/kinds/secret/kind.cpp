#include "deploy/kinds/secret/kind.h"

#include "aws/ops/secretsmanager/secrets.h"
#include "deploy/kinds/secret/declaration.h"
#include "deploy/kinds/secret/deployer.h"
#include "deploy/kinds/secret/output.h"
#include "deploy/kinds/secret/secret.h"

#include <fmt/core.h>

namespace nimbus::deploy::secret {
namespace {

std::optional<Link> link(const Application& application, const std::string& name,
                         const std::string&)
{
    const auto* secret = find(application.manifest, name);
    if (secret == nullptr)
        return {};
    const auto arn = output_of<SecretResource>(name, &SecretOutputs::arn);
    Link link{.environment = {{arn_variable(name), arn}},
              .statements = {{.actions = {"secretsmanager:GetSecretValue"}, .resources = {arn}}},
              .depends_on = {key_of<SecretResource>(name)}};
    if (!secret->kms_key_id.empty())
        link.statements.push_back(
            {.actions = {"kms:Decrypt"}, .resources = {key_arn(application.target, *secret)}});
    return link;
}

std::vector<json::object> outputs(const Application& application, const State& state)
{
    std::vector<json::object> all;
    for (const auto& secret : application.manifest.declared.of<Secret>()) {
        const auto known = outputs_in<SecretResource>(state, secret.name);
        all.push_back(described::to_json(
            SecretOutput{.name = secret.name, .arn = known.arn, .secret_name = known.secret_name}));
    }
    return all;
}

std::string describe(const Output& output)
{
    const auto secret = described::from_json<SecretOutput>(output.members, output.name);
    return fmt::format("  Secret    {}  {}\n", secret.name, secret.secret_name);
}

std::vector<std::string> remarks(World& world, const Application& application, const State& state)
{
    std::vector<std::string> all;
    for (const auto& secret : application.manifest.declared.of<Secret>()) {
        const auto known = outputs_in<SecretResource>(state, secret.name);
        const auto now = world.find(aws::secretsmanager::DescribeSecret{.secret_id = known.arn});
        if (now && !now->has_value())
            all.push_back("The secret '" + secret.name +
                          "' has no value yet: set it with 'nimbus "
                          "secret set " +
                          secret.name + "'.");
    }
    return all;
}

/// A secret that is not there any more, or is scheduled for deletion, is forgotten.
void decide_fate(World& world, const State& state, DestroyMode mode, Fate& fate)
{
    for (const auto& [key, record] : state.records) {
        if (record.type != SecretResource::name)
            continue;
        const auto secret = typed::outputs_from<SecretResource>(record.outputs);
        const auto now = world.find(aws::secretsmanager::DescribeSecret{
            .secret_id = secret.arn.empty() ? secret.secret_name : secret.arn});
        if (!now || now->waits_for_deletion()) {
            fate.doomed.insert(key);
        } else if (mode == DestroyMode::deletes_data) {
            world.status().note("The secret '" + record.name +
                                "' can be restored for 30 days. A deploy restores it.");
            fate.doomed.insert(key);
        } else {
            fate.kept.push_back({.resource = "secret " + secret.secret_name,
                                 .reason = "destroy keeps secrets without --force",
                                 .how = destroy_command(world.deployment())});
        }
    }
}

} // namespace

Kind kind()
{
    return {.name = kind_name,
            .list = "secrets",
            .id_member = "arn",
            .section = section(),
            .types = {resource_type<SecretResource>()},
            .declare = secret_nodes,
            .link = link,
            .outputs = outputs,
            .check_output = check_output<SecretOutput>,
            .describe = describe,
            .remarks = remarks,
            .deployer_statements = deployer_statements,
            .decide_fate = decide_fate};
}

} // namespace nimbus::deploy::secret
