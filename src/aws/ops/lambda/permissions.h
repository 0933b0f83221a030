#pragma once

#include "aws/operation.h"

/// Lambda: the resource policy of a function. Errors worth knowing: ResourceConflictException (409:
/// the statement id is taken), ResourceNotFoundException (404: no function, no policy or no such
/// statement).
namespace nimbus::aws::lambda {

struct AddPermission {
    static constexpr OperationInfo info{services::lambda, "AddPermission", Effect::change};

    std::string function_name;
    std::string statement_id;
    std::string action = "lambda:InvokeFunction";
    std::string principal; ///< apigateway.amazonaws.com
    std::string source_arn;
    std::string source_account;

    struct Response {
        std::string statement; ///< JSON text
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct RemovePermission {
    static constexpr OperationInfo info{services::lambda, "RemovePermission", Effect::change};

    std::string function_name;
    std::string statement_id;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct GetPolicy {
    static constexpr OperationInfo info{services::lambda, "GetPolicy", Effect::read};

    std::string function_name;

    struct Response {
        std::string policy; ///< JSON text
        std::string revision_id;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::lambda
