#include "aws/ops/apigatewayv2/routes.h"

#include "aws/ops/apigatewayv2/api_path.h"
#include "aws/ops/json_protocol.h"

namespace nimbus::aws::apigatewayv2 {
namespace {

Route decode_route(const json::object& body)
{
    return {.route_id = required_string(body, "routeId"),
            .route_key = string_or_empty(body, "routeKey"),
            .target = string_or_empty(body, "target"),
            .authorization_type = string_member(body, "authorizationType").value_or("NONE"),
            .api_key_required = bool_member(body, "apiKeyRequired").value_or(false)};
}

} // namespace

Encoded CreateRoute::encode() const
{
    json::object body;
    put(body, "routeKey", route_key);
    put(body, "target", target);
    return rest_request("POST", api_path(api_id, "routes"), body);
}

Route CreateRoute::decode(const http::Response& response)
{
    return decode_route(body_of(response));
}

Encoded GetRoutes::encode() const
{
    auto request = rest_request("GET", api_path(api_id, "routes"));
    add_query(request, "maxResults", max_results);
    add_query(request, "nextToken", next_token);
    return request;
}

GetRoutes::Response GetRoutes::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.items = list_of(body, "items", decode_route),
            .next_token = string_or_empty(body, "nextToken")};
}

Encoded UpdateRoute::encode() const
{
    json::object body;
    put_if_set(body, "routeKey", route_key);
    put_if_set(body, "target", target);
    put_if_set(body, "authorizationType", authorization_type);
    put_if_set(body, "apiKeyRequired", api_key_required);
    return rest_request("PATCH", api_path(api_id, "routes", route_id), body);
}

Route UpdateRoute::decode(const http::Response& response)
{
    return decode_route(body_of(response));
}

Encoded DeleteRoute::encode() const
{
    return rest_request("DELETE", api_path(api_id, "routes", route_id));
}

} // namespace nimbus::aws::apigatewayv2
