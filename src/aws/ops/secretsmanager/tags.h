#pragma once

#include "aws/operation.h"

#include <vector>

/// Secrets Manager: tags of secrets; DescribeSecret tells which there are.
namespace nimbus::aws::secretsmanager {

/// Adds tags, or replaces the values of those that are there.
struct TagResource {
    static constexpr OperationInfo info{services::secretsmanager, "TagResource", Effect::change};

    std::string secret_id;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

struct UntagResource {
    static constexpr OperationInfo info{services::secretsmanager, "UntagResource", Effect::change};

    std::string secret_id;
    std::vector<std::string> tag_keys;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::secretsmanager
