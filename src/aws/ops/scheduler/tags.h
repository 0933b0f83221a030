#pragma once

#include "aws/operation.h"

#include <vector>

/// EventBridge Scheduler: tags of schedule groups.
namespace nimbus::aws::scheduler {

/// Adds tags, or replaces the values of those that are there.
struct TagResource {
    static constexpr OperationInfo info{services::scheduler, "TagResource", Effect::change};

    std::string resource_arn;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct UntagResource {
    static constexpr OperationInfo info{services::scheduler, "UntagResource", Effect::change};

    std::string resource_arn;
    std::vector<std::string> tag_keys;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct ListTagsForResource {
    static constexpr OperationInfo info{services::scheduler, "ListTagsForResource", Effect::read};

    std::string resource_arn;

    struct Response {
        Tags tags;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

} // namespace nimbus::aws::scheduler
