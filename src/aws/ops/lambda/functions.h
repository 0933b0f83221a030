#pragma once

#include "aws/operation.h"

#include <cstdint>
#include <map>
#include <optional>

/// Lambda: functions. `function_name` may be a name or an ARN. Errors worth knowing:
/// ResourceNotFoundException (404), ResourceConflictException (409: it exists already, or an update
/// is in progress), InvalidParameterValueException (400; "cannot be assumed by Lambda" while a role
/// is new), TooManyRequestsException (429; retried), CodeStorageExceededException.
namespace nimbus::aws::lambda {

struct VpcConfig {
    std::vector<std::string> subnet_ids;
    std::vector<std::string> security_group_ids;
};

struct FileSystem {
    std::string arn; ///< of an access point
    std::string local_mount_path;
};

struct FunctionConfiguration {
    std::string function_name;
    std::string function_arn;
    std::string runtime;
    std::string role; ///< ARN
    std::string handler;
    std::string description;
    int timeout_seconds = 0;
    int memory_megabytes = 0;
    std::map<std::string, std::string> environment;
    std::string architecture; ///< x86_64 or arm64
    std::int64_t code_size = 0;
    std::string code_sha256;   ///< base64, of the zip
    std::string last_modified; ///< 2024-12-01T12:00:00.000+0000
    std::string revision_id;
    std::string state; ///< Pending, Active, Inactive, Failed
    std::string state_reason;
    std::string state_reason_code;
    std::string last_update_status; ///< Successful, Failed, InProgress
    std::string last_update_status_reason;
    std::string last_update_status_reason_code;
    std::string log_group;           ///< empty where the service does not say: /aws/lambda/<name>
    std::string log_format = "Text"; ///< or JSON
    std::vector<std::string> layers; ///< ARNs of their versions
    std::string tracing_mode = "PassThrough"; ///< or Active
    std::string dead_letter_arn;              ///< where events go that fail; empty: nowhere
    VpcConfig vpc;
    std::vector<FileSystem> file_systems;
    int ephemeral_storage_megabytes = 512;
    std::string kms_key_arn;         ///< of the environment; empty: Lambda's own
    std::string snap_start = "None"; ///< or PublishedVersions
};

struct CreateFunction {
    static constexpr OperationInfo info{services::lambda, "CreateFunction", Effect::change};

    std::string function_name;
    std::string runtime;
    std::string role; ///< ARN
    std::string handler;
    std::string code_bucket; ///< in the function's Region
    std::string code_key;
    std::string code_zip; ///< the zip itself, up to 50 MB, instead of bucket and key
    std::string description;
    int timeout_seconds = 3;
    int memory_megabytes = 128;
    std::map<std::string, std::string> environment;
    std::string architecture = "x86_64";
    Tags tags;

    using Response = FunctionConfiguration;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct GetFunction {
    static constexpr OperationInfo info{services::lambda, "GetFunction", Effect::read};

    std::string function_name;

    struct Response {
        FunctionConfiguration configuration;
        std::string code_location; ///< a presigned URL of the zip
        Tags tags;
        std::string tags_error; ///< why the tags are not shown: lambda:ListTags is not allowed
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct UpdateFunctionCode {
    static constexpr OperationInfo info{services::lambda, "UpdateFunctionCode", Effect::change};

    std::string function_name;
    std::string code_bucket;
    std::string code_key;
    std::string code_zip;     ///< the zip itself, up to 50 MB, instead of bucket and key
    std::string architecture; ///< empty: unchanged

    using Response = FunctionConfiguration;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What is empty or absent stays as it is.
struct UpdateFunctionConfiguration {
    static constexpr OperationInfo info{services::lambda, "UpdateFunctionConfiguration",
                                        Effect::change};

    std::string function_name;
    std::string runtime;
    std::string role;
    std::string handler;
    std::optional<std::string> description;
    std::optional<int> timeout_seconds;
    std::optional<int> memory_megabytes;
    std::optional<std::map<std::string, std::string>> environment; ///< replaces all variables
    std::optional<std::string> log_group;
    std::optional<std::string> log_format;
    std::optional<std::vector<std::string>> layers; ///< replaces all
    std::optional<std::string> tracing_mode;
    std::optional<std::string> dead_letter_arn; ///< empty: none any more
    std::optional<VpcConfig> vpc;               ///< without subnets and groups: none any more
    std::optional<std::vector<FileSystem>> file_systems; ///< replaces all
    std::optional<int> ephemeral_storage_megabytes;
    std::optional<std::string> kms_key_arn; ///< empty: Lambda's own
    std::optional<std::string> snap_start;

    using Response = FunctionConfiguration;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteFunction {
    static constexpr OperationInfo info{services::lambda, "DeleteFunction", Effect::change};

    std::string function_name;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Paginated; AWS returns at most 50 at a time.
struct ListFunctions {
    static constexpr OperationInfo info{services::lambda, "ListFunctions", Effect::read};

    int max_items = 0; ///< 0: AWS's default
    std::string next_token;

    struct Response {
        std::vector<FunctionConfiguration> functions;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::lambda
