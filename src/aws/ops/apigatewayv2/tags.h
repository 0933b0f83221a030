#pragma once

#include "aws/operation.h"

/// API Gateway v2: tags of APIs and stages, whose ARNs are
/// arn:aws:apigateway:<region>::/apis/<api id> and …/stages/<stage name>.
namespace nimbus::aws::apigatewayv2 {

/// Adds tags, or replaces the values of those that are there.
struct TagResource {
    static constexpr OperationInfo info{services::apigatewayv2, "TagResource", Effect::change};

    std::string resource_arn;
    Tags tags;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::apigatewayv2
