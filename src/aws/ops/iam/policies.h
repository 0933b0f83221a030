#pragma once

#include "aws/operation.h"

/// IAM: managed policies.
namespace nimbus::aws::iam {

/// NoSuchEntity (404) when there is none.
struct GetPolicy {
    static constexpr OperationInfo info{services::iam, "GetPolicy", Effect::read};

    std::string policy_arn;

    struct Response {
        std::string arn;
        std::string policy_name;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::iam
