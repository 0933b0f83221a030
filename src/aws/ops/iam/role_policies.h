#pragma once

#include "aws/operation.h"

/// IAM: the policies of a role, those written into it (inline) and those attached to it (managed).
namespace nimbus::aws::iam {

struct PutRolePolicy {
    static constexpr OperationInfo info{services::iam, "PutRolePolicy", Effect::change};

    std::string role_name;
    std::string policy_name;
    std::string policy_document; ///< JSON text

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct GetRolePolicy {
    static constexpr OperationInfo info{services::iam, "GetRolePolicy", Effect::read};

    std::string role_name;
    std::string policy_name;

    struct Response {
        std::string policy_document; ///< JSON text
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteRolePolicy {
    static constexpr OperationInfo info{services::iam, "DeleteRolePolicy", Effect::change};

    std::string role_name;
    std::string policy_name;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Paginated: the names of the inline policies.
struct ListRolePolicies {
    static constexpr OperationInfo info{services::iam, "ListRolePolicies", Effect::read};

    std::string role_name;
    std::string next_token;

    struct Response {
        std::vector<std::string> policy_names;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct AttachedPolicy {
    std::string policy_name;
    std::string policy_arn;
};

/// Paginated: the managed policies.
struct ListAttachedRolePolicies {
    static constexpr OperationInfo info{services::iam, "ListAttachedRolePolicies", Effect::read};

    std::string role_name;
    std::string next_token;

    struct Response {
        std::vector<AttachedPolicy> attached_policies;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DetachRolePolicy {
    static constexpr OperationInfo info{services::iam, "DetachRolePolicy", Effect::change};

    std::string role_name;
    std::string policy_arn;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::iam
