#include "aws/ops/apigatewayv2/apis.h"

#include "aws/ops/apigatewayv2/api_path.h"
#include "aws/ops/json_protocol.h"

namespace nimbus::aws::apigatewayv2 {
namespace {

Api decode_api(const json::object& body)
{
    return {.api_id = required_string(body, "apiId"),
            .name = string_or_empty(body, "name"),
            .api_endpoint = string_or_empty(body, "apiEndpoint"),
            .protocol_type = string_or_empty(body, "protocolType"),
            .description = string_or_empty(body, "description"),
            .disable_execute_api_endpoint =
                bool_member(body, "disableExecuteApiEndpoint").value_or(false),
            .ip_address_type = string_member(body, "ipAddressType").value_or("ipv4"),
            .has_cors = object_member(body, "corsConfiguration") != nullptr,
            .tags = string_map(body, "tags")};
}

} // namespace

Encoded CreateApi::encode() const
{
    json::object body;
    put(body, "name", name);
    put(body, "protocolType", protocol_type);
    put(body, "description", description);
    put(body, "tags", tags);
    return rest_request("POST", "/v2/apis", body);
}

Api CreateApi::decode(const http::Response& response)
{
    return decode_api(body_of(response));
}

Encoded GetApi::encode() const
{
    return rest_request("GET", api_path(api_id));
}

Api GetApi::decode(const http::Response& response)
{
    return decode_api(body_of(response));
}

Encoded GetApis::encode() const
{
    auto request = rest_request("GET", "/v2/apis");
    add_query(request, "maxResults", max_results);
    add_query(request, "nextToken", next_token);
    return request;
}

GetApis::Response GetApis::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.items = list_of(body, "items", decode_api),
            .next_token = string_or_empty(body, "nextToken")};
}

Encoded UpdateApi::encode() const
{
    json::object body;
    put_if_set(body, "name", name);
    put_if_set(body, "description", description);
    put_if_set(body, "disableExecuteApiEndpoint", disable_execute_api_endpoint);
    put_if_set(body, "ipAddressType", ip_address_type);
    return rest_request("PATCH", api_path(api_id), body);
}

Api UpdateApi::decode(const http::Response& response)
{
    return decode_api(body_of(response));
}

Encoded DeleteCorsConfiguration::encode() const
{
    return rest_request("DELETE", api_path(api_id) + "/cors");
}

Encoded DeleteApi::encode() const
{
    return rest_request("DELETE", api_path(api_id));
}

} // namespace nimbus::aws::apigatewayv2
