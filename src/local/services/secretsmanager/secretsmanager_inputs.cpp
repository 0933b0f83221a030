#include "local/services/secretsmanager/secretsmanager_service.h"

namespace nimbus::local {

std::vector<InputMembers> secretsmanager_inputs()
{
    return {
        {"BatchGetSecretValue", "SecretIdList Filters.Key Filters.Values MaxResults NextToken", {}},
        {"CancelRotateSecret", "*", {}},
        {"CreateSecret",
         "Name ClientRequestToken Description KmsKeyId SecretBinary SecretString Tags.Key "
         "Tags.Value AddReplicaRegions Type",
         {}},
        {"DeleteResourcePolicy", "SecretId", {}},
        {"DeleteSecret", "SecretId RecoveryWindowInDays ForceDeleteWithoutRecovery", {}},
        {"DescribeSecret", "SecretId", {}},
        {"GetRandomPassword",
         "PasswordLength ExcludeCharacters ExcludeNumbers ExcludePunctuation ExcludeUppercase "
         "ExcludeLowercase IncludeSpace RequireEachIncludedType",
         {}},
        {"GetResourcePolicy", "SecretId", {}},
        {"GetSecretValue", "SecretId VersionId VersionStage", {}},
        {"ListSecretVersionIds", "SecretId MaxResults NextToken IncludeDeprecated", {}},
        {"ListSecrets",
         "IncludePlannedDeletion MaxResults NextToken Filters.Key Filters.Values SortOrder "
         "SortBy",
         {}},
        {"PutResourcePolicy", "*", {}},
        {"PutSecretValue",
         "SecretId ClientRequestToken SecretBinary SecretString VersionStages",
         {}},
        {"RemoveRegionsFromReplication", "*", {}},
        {"ReplicateSecretToRegions", "*", {}},
        {"RestoreSecret", "SecretId", {}},
        {"RotateSecret", "*", {}},
        {"StopReplicationToReplica", "*", {}},
        {"TagResource", "SecretId Tags.Key Tags.Value", {}},
        {"UntagResource", "SecretId TagKeys", {}},
        {"UpdateSecret",
         "SecretId ClientRequestToken Description KmsKeyId SecretBinary SecretString Type",
         {}},
        {"UpdateSecretVersionStage",
         "SecretId VersionStage RemoveFromVersionId MoveToVersionId",
         {}},
        {"ValidateResourcePolicy", "*", {}},
    };
}

} // namespace nimbus::local
