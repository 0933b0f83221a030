#pragma once

#include "aws/operation.h"

/// Aurora DSQL: tags of clusters.
namespace nimbus::aws::dsql {

/// Adds tags, or replaces the values of those that are there.
struct TagResource {
    static constexpr OperationInfo info{services::dsql, "TagResource", Effect::change};

    std::string resource_arn;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct UntagResource {
    static constexpr OperationInfo info{services::dsql, "UntagResource", Effect::change};

    std::string resource_arn;
    std::vector<std::string> tag_keys;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct ListTagsForResource {
    static constexpr OperationInfo info{services::dsql, "ListTagsForResource", Effect::read};

    std::string resource_arn;

    struct Response {
        Tags tags;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::dsql
