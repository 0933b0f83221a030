#pragma once

#include "aws/operation.h"
#include "base/time.h"

#include <chrono>

/// IAM: roles. Errors worth knowing: NoSuchEntity (404), EntityAlreadyExists (409), DeleteConflict
/// (409: policies are still there), MalformedPolicyDocument (400).
namespace nimbus::aws::iam {

struct Role {
    std::string role_name;
    std::string role_id; ///< changes when a role is deleted and made again
    std::string arn;
    std::string path;
    std::string description;
    std::string assume_role_policy_document; ///< JSON text
    std::chrono::seconds max_session_duration{3'600};
    SystemTime create_date;
    Tags tags;                        ///< filled in by CreateRole and GetRole only
    std::string permissions_boundary; ///< ARN of a managed policy; likewise
};

struct CreateRole {
    static constexpr OperationInfo info{services::iam, "CreateRole", Effect::change};

    std::string role_name;
    std::string assume_role_policy_document; ///< JSON text: who may assume the role
    std::string description;
    std::string path;                 ///< default `/`
    std::string permissions_boundary; ///< ARN of a managed policy; empty: none
    Tags tags;

    struct Response {
        Role role;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct GetRole {
    static constexpr OperationInfo info{services::iam, "GetRole", Effect::read};

    std::string role_name;

    struct Response {
        Role role;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// How long who assumes the role may have its credentials; the rest is as it was.
struct UpdateRole {
    static constexpr OperationInfo info{services::iam, "UpdateRole", Effect::change};

    std::string role_name;
    std::chrono::seconds max_session_duration{3'600}; ///< one to twelve hours

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct DeleteRole {
    static constexpr OperationInfo info{services::iam, "DeleteRole", Effect::change};

    std::string role_name;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct UpdateAssumeRolePolicy {
    static constexpr OperationInfo info{services::iam, "UpdateAssumeRolePolicy", Effect::change};

    std::string role_name;
    std::string policy_document; ///< JSON text

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Paginated. Tags are not in the answer.
struct ListRoles {
    static constexpr OperationInfo info{services::iam, "ListRoles", Effect::read};

    std::string path_prefix;
    int max_items = 0; ///< 0: AWS's default
    std::string next_token;

    struct Response {
        std::vector<Role> roles;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::iam
