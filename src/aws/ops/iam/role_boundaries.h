#pragma once

#include "aws/operation.h"

/// IAM: a role's permissions boundary, the managed policy that limits what its own policies can
/// allow.
namespace nimbus::aws::iam {

/// Sets it, or replaces the one there is. NoSuchEntity (404) also when there is no such policy.
struct PutRolePermissionsBoundary {
    static constexpr OperationInfo info{services::iam, "PutRolePermissionsBoundary",
                                        Effect::change};

    std::string role_name;
    std::string permissions_boundary; ///< ARN of a managed policy

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct DeleteRolePermissionsBoundary {
    static constexpr OperationInfo info{services::iam, "DeleteRolePermissionsBoundary",
                                        Effect::change};

    std::string role_name;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::iam
