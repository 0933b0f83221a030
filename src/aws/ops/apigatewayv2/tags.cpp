#include "aws/ops/apigatewayv2/tags.h"

#include "aws/ops/json_protocol.h"
#include "aws/ops/rest.h"

namespace nimbus::aws::apigatewayv2 {

Encoded TagResource::encode() const
{
    return rest_request("POST", "/v2/tags/" + path_segment(resource_arn),
                        {{"tags", to_json(tags)}});
}

} // namespace nimbus::aws::apigatewayv2
