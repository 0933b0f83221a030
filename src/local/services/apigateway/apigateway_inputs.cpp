#include "local/services/apigateway/apigateway_service.h"

namespace nimbus::local {
namespace {

constexpr std::string_view integration_members =
    "connectionId connectionType credentialsArn description integrationMethod "
    "integrationSubtype integrationType integrationUri payloadFormatVersion "
    "requestParameters responseParameters timeoutInMillis tlsConfig";

constexpr std::string_view route_members =
    "apiKeyRequired authorizationScopes authorizationType authorizerId operationName "
    "requestParameters routeKey target";

} // namespace

std::vector<InputMembers> apigateway_inputs()
{
    return {
        {"CreateApi",
         "corsConfiguration credentialsArn description disableExecuteApiEndpoint ipAddressType "
         "name protocolType routeKey tags target version",
         {{"apiKeySelectionExpression", "it is of WebSocket APIs"},
          {"disableSchemaValidation", "it is of WebSocket APIs"},
          {"routeSelectionExpression", "HTTP APIs have one, which is given"}}},
        {"CreateDeployment", "description stageName", {}},
        {"CreateIntegration", std::string(integration_members), {}},
        {"CreateRoute", std::string(route_members), {}},
        {"CreateStage",
         "autoDeploy defaultRouteSettings.throttlingBurstLimit "
         "defaultRouteSettings.throttlingRateLimit deploymentId description routeSettings "
         "stageName "
         "stageVariables tags",
         {{"accessLogSettings",
           "no function sees an access log; nimbus local logs has the requests"},
          {"defaultRouteSettings.detailedMetricsEnabled", "nothing is measured here"}}},
        {"DeleteApi", "", {}},
        {"DeleteCorsConfiguration", "", {}},
        {"DeleteDeployment", "", {}},
        {"DeleteIntegration", "", {}},
        {"DeleteRoute", "", {}},
        {"DeleteStage", "", {}},
        {"GetApi", "", {}},
        {"GetApis", "maxResults nextToken", {}},
        {"GetDeployment", "", {}},
        {"GetDeployments", "maxResults nextToken", {}},
        {"GetIntegration", "", {}},
        {"GetIntegrations", "maxResults nextToken", {}},
        {"GetRoute", "", {}},
        {"GetRoutes", "maxResults nextToken", {}},
        {"GetStage", "", {}},
        {"GetStages", "maxResults nextToken", {}},
        {"GetTags", "", {}},
        {"TagResource", "tags", {}},
        {"UntagResource", "tagKeys", {}},
        {"UpdateApi",
         "corsConfiguration credentialsArn description disableExecuteApiEndpoint ipAddressType "
         "name routeKey target version",
         {{"apiKeySelectionExpression", "it is of WebSocket APIs"},
          {"disableSchemaValidation", "it is of WebSocket APIs"},
          {"routeSelectionExpression", "HTTP APIs have one, which is given"}}},
        {"UpdateIntegration", std::string(integration_members), {}},
        {"UpdateRoute", std::string(route_members), {}},
        {"UpdateStage",
         "autoDeploy defaultRouteSettings.throttlingBurstLimit "
         "defaultRouteSettings.throttlingRateLimit deploymentId description routeSettings "
         "stageVariables",
         {{"accessLogSettings",
           "no function sees an access log; nimbus local logs has the requests"},
          {"defaultRouteSettings.detailedMetricsEnabled", "nothing is measured here"}}},
    };
}

} // namespace nimbus::local
