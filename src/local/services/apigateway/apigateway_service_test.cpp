#include "base/error.h"
#include "base/test_log.h"
#include "local/services/apigateway/api_addresses_service.h"
#include "local/services/apigateway/apigateway_service.h"
#include "local/services/test_calls.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

using namespace testing_calls;
using testing::HasSubstr;

class RecordingHost : public ApiHost {
public:
    std::uint16_t open(const std::string&, std::uint16_t port) override
    {
        if (port != 0 && port == taken)
            throw Error("Port " + std::to_string(port) + " is taken.");
        opened.push_back(port);
        return port == 0 ? next++ : port;
    }
    void publish(std::shared_ptr<const Api> api) override { latest = std::move(api); }
    void close(const std::string& id) override { closed.push_back(id); }

    std::uint16_t next = 4001;
    std::uint16_t taken = 0;
    std::vector<std::uint16_t> opened;
    std::vector<std::string> closed;
    std::shared_ptr<const Api> latest;
};

class ApiGatewayService : public testing::Test {
protected:
    ApiGatewayService() { store_.attach(host_); }

    ApiStore store() { return {database_, "123456789012", system_now, log_.log()}; }
    http::Response gateway(const std::string& method, const std::string& path,
                           const std::string& body = {})
    {
        return send_json(service_, method, "/v2" + path, body);
    }
    std::string create_api()
    {
        return string_or_empty(
            body_of(gateway("POST", "/apis", R"({"name":"n","protocolType":"HTTP"})")), "apiId");
    }
    std::string create_integration(const std::string& api)
    {
        return string_or_empty(
            body_of(gateway("POST", "/apis/" + api + "/integrations",
                            R"({"integrationType":"AWS_PROXY","payloadFormatVersion":"1.0",)"
                            R"("integrationUri":"arn:aws:apigateway:us-east-1:lambda:path/)"
                            R"(2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:)"
                            R"(function:fn/invocations"})")),
            "integrationId");
    }
    http::Response create_route(const std::string& api, const std::string& key,
                                const std::string& integration)
    {
        return gateway("POST", "/apis/" + api + "/routes",
                       R"({"routeKey":")" + key + R"(","target":"integrations/)" + integration +
                           R"("})");
    }

    sqlite::Database database_{":memory:"};
    TestLog log_;
    ApiStore store_ = store();
    RecordingHost host_;
    Service service_ = make_apigateway_service(store_);
};

TEST_F(ApiGatewayService, AnApiIsPublishedWithItsRoutesAndStages)
{
    const auto api = create_api();
    const auto integration = create_integration(api);
    EXPECT_EQ(create_route(api, "GET /users/{id}", integration).status, 201);
    ASSERT_TRUE(host_.latest);
    EXPECT_TRUE(host_.latest->stages.empty());
    EXPECT_EQ(
        gateway("POST", "/apis/" + api + "/stages", R"({"stageName":"dev","autoDeploy":true})")
            .status,
        201);
    EXPECT_EQ(host_.latest->id, api);
    EXPECT_EQ(host_.latest->stages, std::vector<std::string>{"dev"});
    ASSERT_EQ(host_.latest->routes.size(), 1U);
    EXPECT_EQ(host_.latest->routes[0].key, "GET /users/{id}");
    EXPECT_EQ(host_.latest->routes[0].integration.function_arn,
              "arn:aws:lambda:us-east-1:123456789012:function:fn");
}

TEST_F(ApiGatewayService, AStageWithoutAutoDeployServesOnceItIsDeployed)
{
    const auto api = create_api();
    gateway("POST", "/apis/" + api + "/stages", R"({"stageName":"dev"})");
    EXPECT_TRUE(host_.latest->stages.empty());
    gateway("POST", "/apis/" + api + "/deployments", R"({"stageName":"dev"})");
    EXPECT_EQ(host_.latest->stages, std::vector<std::string>{"dev"});
}

TEST_F(ApiGatewayService, AnApiKeepsItsPortOverARestart)
{
    const auto api = create_api();
    EXPECT_EQ(body_of(gateway("GET", "/apis/" + api)).at("apiEndpoint"), "http://127.0.0.1:4001");
    auto again = store();
    RecordingHost other;
    again.attach(other);
    EXPECT_EQ(log_.last(), "");
    EXPECT_EQ(other.opened, std::vector<std::uint16_t>{4001});
    ASSERT_TRUE(other.latest);
    EXPECT_EQ(other.latest->id, api);
}

TEST_F(ApiGatewayService, AnApiWhosePortIsTakenMovesAndSaysSo)
{
    const auto api = create_api();
    auto again = store();
    RecordingHost other;
    other.taken = 4001;
    other.next = 5001;
    again.attach(other);
    EXPECT_THAT(log_.last(), HasSubstr(" is at http://127.0.0.1:5001 until the next start\" api=" +
                                       api + " reason=\"Port 4001 is taken.\""));
    EXPECT_EQ(body_of(send_json(make_apigateway_service(again), "GET", "/v2/apis/" + api))
                  .at("apiEndpoint"),
              "http://127.0.0.1:5001");
}

TEST_F(ApiGatewayService, TellsWhereTheApisOfAllRegionsAreAndWhereTheyShouldBe)
{
    const auto api = create_api();
    auto again = store();
    RecordingHost other;
    other.taken = 4001;
    other.next = 5001;
    again.attach(other);
    const auto answer = send_json(make_api_addresses_service(again), "GET", "/api-addresses");
    EXPECT_EQ(compact_json(body_of(answer)),
              R"({"apis":[{"id":")" + api +
                  R"(","name":"n","region":"us-east-1","endpoint":"http://127.0.0.1:5001",)"
                  R"("ownPort":4001}]})");
}

TEST_F(ApiGatewayService, AnApiIsBackAtItsPortWhenThatIsFreeAgain)
{
    const auto api = create_api();
    {
        auto again = store();
        RecordingHost other;
        other.taken = 4001;
        again.attach(other);
    }
    auto later = store();
    RecordingHost host;
    later.attach(host);
    EXPECT_EQ(host.opened, std::vector<std::uint16_t>{4001});
    EXPECT_EQ(body_of(send_json(make_apigateway_service(later), "GET", "/v2/apis/" + api))
                  .at("apiEndpoint"),
              "http://127.0.0.1:4001");
}

TEST_F(ApiGatewayService, AnApiThatIsCreatedAgainGetsThePortThatItHad)
{
    const auto first = create_api();
    gateway("POST", "/apis", R"({"name":"another","protocolType":"HTTP"})");
    gateway("DELETE", "/apis/" + first);
    EXPECT_EQ(body_of(gateway("GET", "/apis/" + create_api())).at("apiEndpoint"),
              "http://127.0.0.1:4001");
}

TEST_F(ApiGatewayService, AnApiThatIsCreatedAgainGetsAnotherPortWhenItsOwnIsTaken)
{
    gateway("DELETE", "/apis/" + create_api());
    host_.taken = 4001;
    EXPECT_EQ(body_of(gateway("GET", "/apis/" + create_api())).at("apiEndpoint"),
              "http://127.0.0.1:4002");
}

TEST_F(ApiGatewayService, BadInputAndConflictsAreNamed)
{
    const auto api = create_api();
    const auto integration = create_integration(api);
    EXPECT_EQ(error_of(gateway("GET", "/apis/nope")), "404 NotFoundException");
    EXPECT_EQ(error_of(gateway("POST", "/apis", R"({"name":"n","protocolType":"WEBSOCKET"})")),
              "400 BadRequestException");
    for (const auto* key : {"FETCH /x", "GET x", "GET /{a}/{a}", "GET /{a+}/b", "GET /a//b"})
        EXPECT_EQ(error_of(create_route(api, key, integration)), "400 BadRequestException") << key;
    EXPECT_EQ(create_route(api, "ANY /{proxy+}", integration).status, 201);
    EXPECT_EQ(error_of(create_route(api, "ANY /{proxy+}", integration)), "409 ConflictException");
    EXPECT_EQ(error_of(create_route(api, "$default", "nope")), "400 BadRequestException");
    const auto without_format = gateway(
        "POST", "/apis/" + api + "/integrations",
        R"({"integrationType":"AWS_PROXY","integrationUri":"arn:aws:lambda:us-east-1:1:function:f"})");
    EXPECT_EQ(error_of(without_format), "400 BadRequestException");
    EXPECT_EQ(string_or_empty(body_of(without_format), "message"),
              "PayloadFormatVersion is a required parameter for integration");
    EXPECT_EQ(error_of(gateway("DELETE", "/apis/" + api + "/integrations/" + integration)),
              "409 ConflictException");
}

TEST_F(ApiGatewayService, PermissionsAreAskedForTheOneSpellingOfAPath)
{
    for (const std::string path : {"/v2/apis/abc", "/v2/apis/abc/", "/v2/apis/%61bc"}) {
        Call call;
        call.region = "us-east-1";
        call.request = {.method = "DELETE", .target = path};
        EXPECT_EQ(service_.match(call).resource(call), "arn:aws:apigateway:us-east-1::/apis/abc");
    }
}

TEST_F(ApiGatewayService, TagsBelongToApisAndStages)
{
    const auto api = create_api();
    const auto arn = "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2F" + api;
    EXPECT_EQ(gateway("POST", arn, R"({"tags":{"a":"1","b":"2"}})").status, 201);
    EXPECT_EQ(gateway("DELETE", arn + "?tagKeys=a").status, 204);
    EXPECT_EQ(body_of(gateway("GET", arn)).at("tags"), (json::object{{"b", "2"}}));
}

TEST_F(ApiGatewayService, ADeletedApiIsClosed)
{
    const auto api = create_api();
    EXPECT_EQ(gateway("DELETE", "/apis/" + api).status, 204);
    EXPECT_EQ(host_.closed, std::vector<std::string>{api});
}

} // namespace
} // namespace nimbus::local
