#pragma once

#include "aws/operation.h"

/// Lambda: tags of functions.
namespace nimbus::aws::lambda {

/// Adds tags, or replaces the values of those that are there.
struct TagResource {
    static constexpr OperationInfo info{services::lambda, "TagResource", Effect::change};

    std::string resource_arn;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct ListTags {
    static constexpr OperationInfo info{services::lambda, "ListTags", Effect::read};

    std::string resource_arn;

    struct Response {
        Tags tags;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::lambda
