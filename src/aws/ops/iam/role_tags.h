#pragma once

#include "aws/operation.h"

/// IAM: tags of roles.
namespace nimbus::aws::iam {

/// Adds tags, or replaces the values of those that are there.
struct TagRole {
    static constexpr OperationInfo info{services::iam, "TagRole", Effect::change};

    std::string role_name;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// Paginated.
struct ListRoleTags {
    static constexpr OperationInfo info{services::iam, "ListRoleTags", Effect::read};

    std::string role_name;
    std::string next_token;

    struct Response {
        Tags tags;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::iam
