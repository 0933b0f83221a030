#include "local/services/answers.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

namespace nimbus::local {
namespace {

using namespace secretsmanager_api;

Operation refused(SecretStore& store, std::string_view name, std::string_view action,
                  const std::string& sentence)
{
    return on_secret(store, name, action, [sentence](Call&) -> http::Response {
        throw secrets_error("InvalidRequestException", sentence);
    });
}

} // namespace

std::vector<Operation> secretsmanager_missing_operations(SecretStore& store)
{
    const auto no_policies =
        std::string("The local cloud does not have resource policies of "
                    "secrets: allow access in the policies of users and roles.");
    const auto no_rotation = std::string("The local cloud does not rotate secrets.");
    const auto no_replicas = std::string("The local cloud does not replicate secrets.");
    // Tools that ask for the policy of every secret find that there is none.
    const auto no_policy = [&store](Call& call) {
        return json_1_1_answer(identity(need_live_secret(store, call)));
    };
    return {
        on_secret(store, "GetResourcePolicy", "secretsmanager:GetResourcePolicy", no_policy),
        on_secret(store, "DeleteResourcePolicy", "secretsmanager:DeleteResourcePolicy", no_policy),
        refused(store, "PutResourcePolicy", "secretsmanager:PutResourcePolicy", no_policies),
        refused(store, "ValidateResourcePolicy", "secretsmanager:ValidateResourcePolicy",
                no_policies),
        refused(store, "RotateSecret", "secretsmanager:RotateSecret", no_rotation),
        refused(store, "CancelRotateSecret", "secretsmanager:CancelRotateSecret", no_rotation),
        refused(store, "ReplicateSecretToRegions", "secretsmanager:ReplicateSecretToRegions",
                no_replicas),
        refused(store, "RemoveRegionsFromReplication",
                "secretsmanager:RemoveRegionsFromReplication", no_replicas),
        refused(store, "StopReplicationToReplica", "secretsmanager:StopReplicationToReplica",
                no_replicas),
    };
}

} // namespace nimbus::local
