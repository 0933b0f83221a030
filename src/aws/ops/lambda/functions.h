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
    std::string log_group; ///< empty where the service does not say: /aws/lambda/<name>
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
