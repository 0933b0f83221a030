#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "aws/ops/apigatewayv2/stages.h"

#include <gtest/gtest.h>

/// What an API consists of: integrations, routes and stages.
namespace nimbus::aws::apigatewayv2 {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;
using Variables = std::map<std::string, std::string>;

TEST(ApiGatewayIntegrations, AreMadeForFunctions)
{
    const auto request =
        CreateIntegration{.api_id = "a",
                          .integration_uri = "arn:aws:lambda:us-east-1:1:function:f",
                          .timeout_milliseconds = 30'000}
            .encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v2/apis/a/integrations");
    EXPECT_EQ(request.body, R"({"integrationType":"AWS_PROXY",)"
                            R"("integrationUri":"arn:aws:lambda:us-east-1:1:function:f",)"
                            R"("integrationMethod":"POST","payloadFormatVersion":"1.0",)"
                            R"("timeoutInMillis":30000})");
    EXPECT_FALSE(CreateIntegration::info.is_idempotent());
    const auto integration = CreateIntegration::decode(
        {.status = 201,
         .body = R"({"connectionType":"INTERNET","integrationId":"i1","integrationMethod":"POST",
                     "integrationType":"AWS_PROXY","integrationUri":"arn","payloadFormatVersion":
                     "1.0","timeoutInMillis":30000,"description":"d"})"});
    EXPECT_EQ(integration.integration_id, "i1");
    EXPECT_EQ(integration.integration_type, "AWS_PROXY");
    EXPECT_EQ(integration.integration_uri, "arn");
    EXPECT_EQ(integration.integration_method, "POST");
    EXPECT_EQ(integration.payload_format_version, "1.0");
    EXPECT_EQ(integration.timeout_milliseconds, 30'000);
    EXPECT_EQ(integration.description, "d");
}

TEST(ApiGatewayIntegrations, AreListedChangedAndDeleted)
{
    const auto list = GetIntegrations{.api_id = "a", .max_results = 5, .next_token = "n"}.encode();
    EXPECT_EQ(list.path, "/v2/apis/a/integrations");
    EXPECT_EQ(list.query, (Query{{"maxResults", "5"}, {"nextToken", "n"}}));
    const auto page =
        GetIntegrations::decode({.body = R"({"items":[{"integrationId":"i1"}],"nextToken":"m"})"});
    ASSERT_EQ(page.items.size(), 1U);
    EXPECT_EQ(page.items[0].integration_id, "i1");
    EXPECT_EQ(page.items[0].timeout_milliseconds, 30'000);
    EXPECT_EQ(page.next_token, "m");

    const auto update =
        UpdateIntegration{.api_id = "a", .integration_id = "i", .integration_uri = "arn"}.encode();
    EXPECT_EQ(update.method, "PATCH");
    EXPECT_EQ(update.path, "/v2/apis/a/integrations/i");
    EXPECT_EQ(update.body, R"({"integrationUri":"arn"})");
    EXPECT_EQ(UpdateIntegration::decode({.body = R"({"integrationId":"i"})"}).integration_id, "i");

    const auto changed =
        GetIntegrations::decode({.body = R"({"items":[{"integrationId":"i1","credentialsArn":"role",
                     "requestParameters":{"append:header.x":"1"},
                     "responseParameters":{"500":{"overwrite:statuscode":"200"},"404":{}}}]})"});
    ASSERT_EQ(changed.items.size(), 1U);
    EXPECT_EQ(changed.items[0].credentials_arn, "role");
    EXPECT_EQ(changed.items[0].request_parameters, (Variables{{"append:header.x", "1"}}));
    EXPECT_EQ(changed.items[0].response_parameters,
              (ResponseParameters{{"500", {{"overwrite:statuscode", "200"}}}}));
    EXPECT_EQ(
        (UpdateIntegration{.api_id = "a",
                           .integration_id = "i",
                           .integration_type = "AWS_PROXY",
                           .integration_method = "POST",
                           .timeout_milliseconds = 30'000,
                           .credentials_arn = "",
                           .request_parameters = {{"append:header.x", ""}},
                           .response_parameters = {{"500", {}}}}
             .encode()
             .body),
        R"({"integrationType":"AWS_PROXY","integrationMethod":"POST","timeoutInMillis":30000,)"
        R"("credentialsArn":"","requestParameters":{"append:header.x":""},)"
        R"("responseParameters":{"500":{}}})");

    const auto remove = DeleteIntegration{.api_id = "a", .integration_id = "i"}.encode();
    EXPECT_EQ(remove.method, "DELETE");
    EXPECT_EQ(remove.path, "/v2/apis/a/integrations/i");
}

TEST(ApiGatewayRoutes, AreMadeListedChangedAndDeleted)
{
    const auto create =
        CreateRoute{.api_id = "a", .route_key = "GET /users/{id}", .target = "integrations/i"}
            .encode();
    EXPECT_EQ(create.method, "POST");
    EXPECT_EQ(create.path, "/v2/apis/a/routes");
    EXPECT_EQ(create.body, R"({"routeKey":"GET /users/{id}","target":"integrations/i"})");
    const auto route = CreateRoute::decode(
        {.status = 201,
         .body = R"({"apiKeyRequired":false,"authorizationType":"NONE","routeId":"r1",
                     "routeKey":"GET /users/{id}","target":"integrations/i"})"});
    EXPECT_EQ(route.route_id, "r1");
    EXPECT_EQ(route.route_key, "GET /users/{id}");
    EXPECT_EQ(route.target, "integrations/i");
    EXPECT_EQ(route.authorization_type, "NONE");
    EXPECT_FALSE(route.api_key_required);

    EXPECT_EQ((GetRoutes{.api_id = "a", .next_token = "n"}.encode().query),
              (Query{{"nextToken", "n"}}));
    const auto page =
        GetRoutes::decode({.body = R"({"items":[{"routeId":"r1"},{"routeId":"r2"}]})"});
    ASSERT_EQ(page.items.size(), 2U);
    EXPECT_EQ(page.items[1].route_id, "r2");
    EXPECT_EQ(page.next_token, "");

    const auto update = UpdateRoute{.api_id = "a", .route_id = "r", .target = "integrations/j"};
    EXPECT_EQ(update.encode().method, "PATCH");
    EXPECT_EQ(update.encode().path, "/v2/apis/a/routes/r");
    EXPECT_EQ(update.encode().body, R"({"target":"integrations/j"})");
    EXPECT_EQ(
        (UpdateRoute{
            .api_id = "a", .route_id = "r", .authorization_type = "NONE", .api_key_required = false}
             .encode()
             .body),
        R"({"authorizationType":"NONE","apiKeyRequired":false})");
    EXPECT_EQ(UpdateRoute::decode({.body = R"({"routeId":"r"})"}).route_id, "r");

    const auto remove = DeleteRoute{.api_id = "a", .route_id = "r"}.encode();
    EXPECT_EQ(remove.method, "DELETE");
    EXPECT_EQ(remove.path, "/v2/apis/a/routes/r");
}

TEST(ApiGatewayStages, AreMadeListedChangedAndDeleted)
{
    const auto create = CreateStage{
        .api_id = "a",
        .stage_name = "dev",
        .stage_variables = {{"x", "1"}},
        .tags = {
            {"k", "v"}}}.encode();
    EXPECT_EQ(create.method, "POST");
    EXPECT_EQ(create.path, "/v2/apis/a/stages");
    EXPECT_EQ(create.body, R"({"stageName":"dev","autoDeploy":true,"stageVariables":{"x":"1"},)"
                           R"("tags":{"k":"v"}})");
    const auto stage = CreateStage::decode(
        {.status = 201,
         .body = R"({"autoDeploy":true,"createdDate":"2024-12-01T12:00:00Z","deploymentId":"d1",
                     "defaultRouteSettings":{"detailedMetricsEnabled":false},"routeSettings":{},
                     "stageName":"dev","stageVariables":{"x":"1"},"tags":{"k":"v"},
                     "description":"d"})"});
    EXPECT_EQ(stage.stage_name, "dev");
    EXPECT_TRUE(stage.auto_deploy);
    EXPECT_EQ(stage.deployment_id, "d1");
    EXPECT_EQ(stage.description, "d");
    EXPECT_EQ(stage.stage_variables, (Variables{{"x", "1"}}));
    EXPECT_EQ(stage.tags, (Tags{{"k", "v"}}));

    EXPECT_EQ((GetStages{.api_id = "a", .max_results = 2}.encode().query),
              (Query{{"maxResults", "2"}}));
    const auto page =
        GetStages::decode({.body = R"({"items":[{"stageName":"$default"}],"nextToken":"n"})"});
    ASSERT_EQ(page.items.size(), 1U);
    EXPECT_EQ(page.items[0].stage_name, "$default");
    EXPECT_EQ(page.next_token, "n");

    const auto update = UpdateStage{
        .api_id = "a",
        .stage_name = "$default",
        .stage_variables = Variables{
            {"x", "2"}}}.encode();
    EXPECT_EQ(update.method, "PATCH");
    EXPECT_EQ(update.path, "/v2/apis/a/stages/%24default");
    EXPECT_EQ(update.body, R"({"stageVariables":{"x":"2"}})");
    EXPECT_EQ(UpdateStage::decode({.body = R"({"stageName":"dev"})"}).stage_name, "dev");

    const auto remove = DeleteStage{.api_id = "a", .stage_name = "dev"}.encode();
    EXPECT_EQ(remove.method, "DELETE");
    EXPECT_EQ(remove.path, "/v2/apis/a/stages/dev");
}

} // namespace
} // namespace nimbus::aws::apigatewayv2
