#include "aws/ops/apigatewayv2/integrations.h"

#include "aws/ops/apigatewayv2/api_path.h"
#include "aws/ops/json_protocol.h"

namespace nimbus::aws::apigatewayv2 {
namespace {

ResponseParameters decode_response_parameters(const json::object& body)
{
    ResponseParameters parameters;
    if (const auto* statuses = object_member(body, "responseParameters"))
        for (const auto& [status, changes] : *statuses)
            if (auto map = string_map(*statuses, status); !map.empty())
                parameters[status] = std::move(map);
    return parameters;
}

/// What the service leaves out has API Gateway's default.
Integration decode_integration(const json::object& body)
{
    Integration integration{.integration_id = required_string(body, "integrationId"),
                            .integration_type = string_or_empty(body, "integrationType"),
                            .integration_uri = string_or_empty(body, "integrationUri"),
                            .integration_method = string_or_empty(body, "integrationMethod"),
                            .payload_format_version = string_or_empty(body, "payloadFormatVersion"),
                            .description = string_or_empty(body, "description"),
                            .credentials_arn = string_or_empty(body, "credentialsArn"),
                            .request_parameters = string_map(body, "requestParameters"),
                            .response_parameters = decode_response_parameters(body)};
    if (const auto timeout = integer_member(body, "timeoutInMillis"))
        integration.timeout_milliseconds = static_cast<int>(*timeout);
    return integration;
}

} // namespace

Encoded CreateIntegration::encode() const
{
    json::object body;
    put(body, "integrationType", integration_type);
    put(body, "integrationUri", integration_uri);
    put(body, "integrationMethod", integration_method);
    put(body, "payloadFormatVersion", payload_format_version);
    put_if_set(body, "timeoutInMillis", timeout_milliseconds);
    put(body, "description", description);
    return rest_request("POST", api_path(api_id, "integrations"), body);
}

Integration CreateIntegration::decode(const http::Response& response)
{
    return decode_integration(body_of(response));
}

Encoded GetIntegrations::encode() const
{
    auto request = rest_request("GET", api_path(api_id, "integrations"));
    add_query(request, "maxResults", max_results);
    add_query(request, "nextToken", next_token);
    return request;
}

GetIntegrations::Response GetIntegrations::decode(const http::Response& response)
{
    const auto body = body_of(response);
    return {.items = list_of(body, "items", decode_integration),
            .next_token = string_or_empty(body, "nextToken")};
}

Encoded UpdateIntegration::encode() const
{
    json::object body;
    put_if_set(body, "integrationType", integration_type);
    put_if_set(body, "integrationUri", integration_uri);
    put_if_set(body, "integrationMethod", integration_method);
    put_if_set(body, "payloadFormatVersion", payload_format_version);
    put_if_set(body, "timeoutInMillis", timeout_milliseconds);
    put_if_set(body, "description", description);
    put_if_set(body, "credentialsArn", credentials_arn);
    put(body, "requestParameters", request_parameters);
    json::object statuses;
    for (const auto& [status, changes] : response_parameters)
        statuses[status] = to_json(changes);
    if (!statuses.empty())
        body["responseParameters"] = std::move(statuses);
    return rest_request("PATCH", api_path(api_id, "integrations", integration_id), body);
}

Integration UpdateIntegration::decode(const http::Response& response)
{
    return decode_integration(body_of(response));
}

Encoded DeleteIntegration::encode() const
{
    return rest_request("DELETE", api_path(api_id, "integrations", integration_id));
}

} // namespace nimbus::aws::apigatewayv2
