#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/apigatewayv2/tags.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::apigatewayv2 {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

const std::string api_json =
    R"({"apiEndpoint":"https://a1b2.execute-api.us-east-1.amazonaws.com","apiId":"a1b2",
        "apiKeySelectionExpression":"$request.header.x-api-key","createdDate":"2024-12-01T12:00:00Z",
        "description":"d","disableExecuteApiEndpoint":false,"name":"sql-api","protocolType":"HTTP",
        "routeSelectionExpression":"$request.method $request.path","tags":{"k":"v"}})";

void expect_demo(const Api& api)
{
    EXPECT_EQ(api.api_id, "a1b2");
    EXPECT_EQ(api.name, "sql-api");
    EXPECT_EQ(api.api_endpoint, "https://a1b2.execute-api.us-east-1.amazonaws.com");
    EXPECT_EQ(api.protocol_type, "HTTP");
    EXPECT_EQ(api.description, "d");
    EXPECT_EQ(api.tags, (Tags{{"k", "v"}}));
}

TEST(ApiGatewayCreateApi, IsNotRepeatedLightly)
{
    const auto request = CreateApi{.name = "sql-api", .tags = {{"k", "v"}}}.encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v2/apis");
    EXPECT_EQ(request.body, R"({"name":"sql-api","protocolType":"HTTP","tags":{"k":"v"}})");
    EXPECT_FALSE(CreateApi::info.is_idempotent());
    expect_demo(CreateApi::decode({.status = 201, .body = api_json}));
}

TEST(ApiGatewayGetApi, GivesTheApi)
{
    const auto request = GetApi{.api_id = "a1b2"}.encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/v2/apis/a1b2");
    expect_demo(GetApi::decode({.body = api_json}));
    EXPECT_THROW(GetApi::decode({.body = "{}"}), Error);
}

TEST(ApiGatewayGetApis, HasPages)
{
    EXPECT_EQ((GetApis{.max_results = 10, .next_token = "n"}.encode().query),
              (Query{{"maxResults", "10"}, {"nextToken", "n"}}));
    const auto page =
        GetApis::decode({.body = R"({"items":[)" + api_json + R"(],"nextToken":"m"})"});
    ASSERT_EQ(page.items.size(), 1U);
    expect_demo(page.items[0]);
    EXPECT_EQ(page.next_token, "m");
}

TEST(ApiGatewayUpdateApi, LeavesWhatIsAbsent)
{
    const auto request = UpdateApi{.api_id = "a", .description = ""}.encode();
    EXPECT_EQ(request.method, "PATCH");
    EXPECT_EQ(request.path, "/v2/apis/a");
    EXPECT_EQ(request.body, R"({"description":""})");
    EXPECT_EQ(UpdateApi({.api_id = "a", .disable_execute_api_endpoint = false}).encode().body,
              R"({"disableExecuteApiEndpoint":false})");
    expect_demo(UpdateApi::decode({.body = api_json}));
}

TEST(ApiGatewayGetApi, TellsWhatChangesItsAnswers)
{
    const auto plain = GetApi::decode({.body = R"({"apiId": "a"})"});
    EXPECT_FALSE(plain.disable_execute_api_endpoint || plain.has_cors);
    const auto changed = GetApi::decode(
        {.body = R"({"apiId": "a", "disableExecuteApiEndpoint": true, "corsConfiguration": {}})"});
    EXPECT_TRUE(changed.disable_execute_api_endpoint && changed.has_cors);
    const auto request = DeleteCorsConfiguration{.api_id = "a"}.encode();
    EXPECT_EQ(request.method + ' ' + request.path, "DELETE /v2/apis/a/cors");
}

TEST(ApiGatewayDeleteApi, NamesTheApi)
{
    const auto request = DeleteApi{.api_id = "a"}.encode();
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(request.path, "/v2/apis/a");
}

TEST(ApiGatewayTagResource, HasTheEscapedArnInThePath)
{
    const auto request = TagResource{
        .resource_arn = "arn:aws:apigateway:us-east-1::/apis/a",
        .tags = {{"k", "v"}}}.encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v2/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fa");
    EXPECT_EQ(request.body, R"({"tags":{"k":"v"}})");
}

} // namespace
} // namespace nimbus::aws::apigatewayv2
