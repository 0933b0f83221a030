#include "deploy/deployer_policy.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "base/text.h"
#include "deploy/bucket.h"
#include "deploy/deploy.h"
#include "deploy/kind.h"
#include "deploy/state_store.h"
#include "deploy/world.h"

#include <algorithm>
#include <iterator>

namespace nimbus::deploy {
namespace {

/// Lock, state and artifacts. Without leave to list, S3 does not tell whether an object is missing.
/// Who calls, everybody may ask STS.
std::vector<Statement> core_statements(const Application& application)
{
    const auto& target = application.target;
    const auto bucket = Arn{.partition = aws::partition_of(target.region),
                            .service = "s3",
                            .resource = target.bucket}
                            .to_string();
    return {{.actions = {"s3:ListBucket"}, .resources = {bucket}, .id = "FindState"},
            {.actions = {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
             .resources = {bucket + '/' + object_key(application.deployment(), "*")},
             .id = "State"}};
}

/// S3 uses the key on behalf of who reads and writes objects. Source: S3 User Guide, "Using
/// server-side encryption with AWS KMS keys".
Statement use_of_state_key(const std::string& key, const Target& target)
{
    return {.actions = {"kms:Decrypt", "kms:GenerateDataKey"},
            .resources = {key},
            .condition =
                string_equals({{"kms:ViaService", "s3." + target.region + ".amazonaws.com"}}),
            .id = "StateKey"};
}

bool is_pattern(std::string_view stage)
{
    return stage.find('*') != std::string_view::npos;
}

} // namespace

State recorded_in(const Kinds& kinds, const Target& target, const DeploymentId& deployment)
{
    std::vector<DeploymentId> found{deployment};
    if (is_pattern(deployment.stage)) {
        found = list_deployments(target);
        std::erase_if(found, [&](const DeploymentId& one) {
            return one.project != deployment.project || one.region != deployment.region ||
                   !wildcard_match(deployment.stage, one.stage);
        });
    }
    State all{.deployment = deployment, .account_id = target.account_id};
    Status quiet;
    for (const auto& one : found) {
        World world(kinds, target, one, quiet);
        if (auto state = StateStore(world).load())
            for (auto& [key, record] : state->records)
                all.records.try_emplace(key, std::move(record));
    }
    return all;
}

json::object deployer_policy(const Kinds& kinds, const Target& target,
                             const manifest::Manifest& manifest, const State& recorded,
                             const std::string& state_key)
{
    const Artifacts none;
    const Application application{manifest, none, target, kinds, &recorded};
    auto statements = core_statements(application);
    if (!state_key.empty())
        statements.push_back(use_of_state_key(state_key, target));
    for (const auto& kind : kinds)
        if (kind.deployer_statements != nullptr)
            std::ranges::move(kind.deployer_statements(application),
                              std::back_inserter(statements));
    return policy_document(statements);
}

} // namespace nimbus::deploy
