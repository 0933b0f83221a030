#include "base/error.h"
#include "base/json.h"
#include "cli/endpoint_of_tests.h"
#include "http/client.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

namespace nimbus::cli {
namespace {

class TestEndpointTest : public testing::Test {
protected:
    http::Response send(const std::string& method, const std::string& target,
                        const std::string& authorization)
    {
        http::Request request;
        request.method = method;
        request.target = target;
        request.headers.set("Authorization", authorization);
        return http::Client().send(endpoint_.url(), request);
    }
    http::Response send(const std::string& method, const std::string& target)
    {
        return send(method, target, "Bearer " + endpoint_.token());
    }
    static std::string message_of(const http::Response& response)
    {
        return string_or_empty(parse_json(response.body, "the answer").as_object(), "message");
    }

    std::function<TestSchema()> make_ = [] {
        return TestSchema{
            .name = "one", .variables = {{"SQL_MAIN_DB_SCHEMA", "shop"}}, .endpoints = {}};
    };
    TestEndpoint endpoint_{{.make = [this] { return make_(); },
                            .remove = [](const std::string& name) { return name == "one"; }}};
};

TEST_F(TestEndpointTest, GivesASchemaWithItsVariablesAndTakesItBack)
{
    const auto made = send("POST", "/schemas");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.body, R"({"name":"one","variables":{"SQL_MAIN_DB_SCHEMA":"shop"}})");
    EXPECT_EQ(send("DELETE", "/schemas/one").status, 204);
}

TEST_F(TestEndpointTest, RefusesWhoDoesNotHaveTheToken)
{
    for (const auto& authorization : {std::string(), std::string("Bearer x"), endpoint_.token(),
                                      "bearer " + endpoint_.token()}) {
        const auto refused = send("POST", "/schemas", authorization);
        EXPECT_EQ(refused.status, 401) << authorization;
        EXPECT_EQ(message_of(refused), "The token is not that of NIMBUS_TEST_TOKEN");
    }
}

TEST_F(TestEndpointTest, HasNothingElse)
{
    for (const auto& [method, target] :
         {std::pair("GET", "/schemas"), std::pair("POST", "/schemas/one"), std::pair("POST", "/"),
          std::pair("DELETE", "/schemas"), std::pair("PUT", "/schemas/one")})
        EXPECT_EQ(send(method, target).status, 404) << method << target;
    EXPECT_EQ(message_of(send("DELETE", "/schemas/two")), "There is no schema 'two'");
}

TEST_F(TestEndpointTest, SaysWhyThereIsNoSchema)
{
    make_ = []() -> TestSchema { throw Error("The local cloud is stopping", "Start it."); };
    const auto refused = send("POST", "/schemas");
    EXPECT_EQ(refused.status, 500);
    EXPECT_EQ(message_of(refused), "The local cloud is stopping. Start it.");
}

TEST_F(TestEndpointTest, ServesEightAtOnce)
{
    std::barrier all(8); // none gets a schema before all have asked
    make_ = [&all] {
        all.arrive_and_wait();
        return TestSchema{.name = "one", .variables = {}, .endpoints = {}};
    };
    std::vector<std::jthread> clients;
    for (int client = 0; client < 8; ++client)
        clients.emplace_back([this] { EXPECT_EQ(send("POST", "/schemas").status, 201); });
}

} // namespace
} // namespace nimbus::cli
