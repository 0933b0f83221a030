#include "aws/ops/apigatewayv2/stages.h"

#include "aws/ops/apigatewayv2/api_path.h"
#include "aws/ops/json_protocol.h"

namespace nimbus::aws::apigatewayv2 {
namespace {

Stage decode_stage(const json::object& body)
{
    return {.stage_name = required_string(body, "stageName"),
            .auto_deploy = bool_member(body, "autoDeploy").value_or(false),
            .deployment_id = string_or_empty(body, "deploymentId"),
            .description = string_or_empty(body, "description"),
            .stage_variables = string_map(body, "stageVariables"),
            .tags = string_map(body, "tags")};
}

} // namespace

Encoded CreateStage::encode() const
{
    json::object body;
    put(body, "stageName", stage_name);
    body["autoDeploy"] = auto_deploy;
    put(body, "description", description);
    put(body, "stageVariables", stage_variables);
    put(body, "tags", tags);
    return rest_request("POST", api_path(api_id, "stages"), body);
}

Stage CreateStage::decode(const http::Response& response)
{
    return decode_stage(body_of(response));
}

Encoded GetStages::encode() const
{
    auto request = rest_request("GET", api_path(api_id, "stages"));
    add_query(request, "maxResults", max_results);
    add_query(request, "nextToken", next_token);
    return request;
}

GetStages::Response GetStages::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.items = list_of(body, "items", decode_stage),
            .next_token = string_or_empty(body, "nextToken")};
}

Encoded UpdateStage::encode() const
{
    json::object body;
    put_if_set(body, "autoDeploy", auto_deploy);
    put_if_set(body, "description", description);
    put(body, "stageVariables", stage_variables);
    return rest_request("PATCH", api_path(api_id, "stages", stage_name), body);
}

Stage UpdateStage::decode(const http::Response& response)
{
    return decode_stage(body_of(response));
}

Encoded DeleteStage::encode() const
{
    return rest_request("DELETE", api_path(api_id, "stages", stage_name));
}

} // namespace nimbus::aws::apigatewayv2
