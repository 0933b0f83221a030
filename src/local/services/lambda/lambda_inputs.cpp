#include "local/services/lambda/lambda_service.h"

namespace nimbus::local {

std::vector<InputMembers> lambda_inputs()
{
    return {
        {"AddPermission",
         "StatementId Action Principal SourceArn SourceAccount Qualifier RevisionId "
         "PrincipalOrgID",
         {}},
        {"CreateFunction",
         "FunctionName Runtime Role Handler Code.ZipFile Code.S3Bucket Code.S3Key "
         "Code.S3ObjectVersion Code.ImageUri Description Timeout MemorySize EphemeralStorage.Size "
         "Publish VpcConfig "
         "PackageType DeadLetterConfig Environment.Variables KMSKeyArn Tags Layers "
         "FileSystemConfigs ImageConfig CodeSigningConfigArn Architectures SnapStart "
         "LoggingConfig.LogFormat LoggingConfig.LogGroup CapacityProviderConfig DurableConfig "
         "TenancyConfig",
         {{"TracingConfig.Mode",
           "nothing is traced here, and nothing that a function does depends on it"}}},
        {"DeleteFunction", "Qualifier", {}},
        {"DeleteFunctionEventInvokeConfig", "Qualifier", {}},
        {"GetAccountSettings", "", {}},
        {"GetFunction", "Qualifier", {}},
        {"GetFunctionConfiguration", "Qualifier", {}},
        {"GetFunctionEventInvokeConfig", "Qualifier", {}},
        {"GetPolicy", "Qualifier", {}},
        {"Invoke", "Qualifier", {}},
        {"ListFunctionEventInvokeConfigs", "Marker MaxItems", {}},
        {"ListFunctions", "Marker MaxItems", {}},
        {"ListTags", "", {}},
        {"ListVersionsByFunction", "Marker MaxItems", {}},
        {"PutFunctionEventInvokeConfig",
         "Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds DestinationConfig",
         {}},
        {"RemovePermission", "Qualifier RevisionId", {}},
        {"TagResource", "Tags", {}},
        {"UntagResource", "tagKeys", {}},
        {"UpdateFunctionCode",
         "ZipFile S3Bucket S3Key S3ObjectVersion ImageUri DryRun RevisionId "
         "Architectures",
         {}},
        {"UpdateFunctionConfiguration",
         "Role Handler Description Timeout MemorySize EphemeralStorage.Size VpcConfig "
         "Environment.Variables Runtime "
         "DeadLetterConfig KMSKeyArn RevisionId Layers FileSystemConfigs ImageConfig SnapStart "
         "LoggingConfig.LogFormat LoggingConfig.LogGroup CapacityProviderConfig DurableConfig",
         {{"TracingConfig.Mode",
           "nothing is traced here, and nothing that a function does depends on it"}}},
        {"UpdateFunctionEventInvokeConfig",
         "Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds DestinationConfig",
         {}},
    };
}

} // namespace nimbus::local
