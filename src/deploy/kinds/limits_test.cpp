#include "aws/client.h"
#include "base/error.h"
#include "deploy/graph.h"
#include "deploy/kinds/catalog.h"
#include "deploy/kinds/function/role.h"
#include "deploy/limits.h"
#include "deploy/references.h"
#include "manifest/parse.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json::object function(const std::string& name, json::object more = {})
{
    more["name"] = name;
    return more;
}

json::object route(std::size_t number, const std::string& function)
{
    return {{"method", "GET"}, {"path", "/r" + std::to_string(number)}, {"function", function}};
}

/// An application called shop, with these lists besides.
json::object shop(const json::object& lists, const std::string& runtime = "provided.al2023")
{
    json::object document{{"version", 1},
                          {"project", "shop"},
                          {"region", "eu-west-1"},
                          {"runtime", runtime},
                          {"stage", "dev"},
                          {"architecture", "x86_64"},
                          {"functions", json::array()}};
    for (const auto& [name, list] : lists)
        document[name] = list;
    return document;
}

/// One API, of which each `routes_each` routes share a function.
json::object shop_with_routes(std::size_t routes, std::size_t routes_each)
{
    json::array functions;
    json::array list;
    for (std::size_t i = 0; i < routes; ++i) {
        const auto name = "f" + std::to_string(i / routes_each);
        if (i % routes_each == 0)
            functions.push_back(function(name));
        list.push_back(route(i, name));
    }
    return shop({{"functions", functions},
                 {"apis", json::array{json::object{{"name", "web"}, {"routes", list}}}}});
}

class Limits : public testing::Test {
protected:
    Limits()
        : client_(nullptr, aws::fixed_credentials({}), {.region = "eu-west-1"}),
          target_{.name = "aws",
                  .client = client_,
                  .region = "eu-west-1",
                  .account_id = "123456789012",
                  .bucket = "state"}
    {
    }

    std::vector<std::string> warnings(const json::object& document,
                                      const std::string& stage = "dev")
    {
        const auto sections = all_kinds().sections();
        const auto manifest = manifest::with_stage(
            manifest::parse_manifest(json::serialize(document), "test", sections), stage, sections);
        const Application application{manifest, artifacts_, target_, all_kinds()};
        return check_limits(application, desired_graph(application));
    }

    /// What it says and how to get around it, or "" when all is within the limits.
    std::string refusal(const json::object& document, const std::string& stage = "dev")
    {
        try {
            warnings(document, stage);
            return {};
        } catch (const UsageError& error) {
            return error.what() + ('\n' + error.hint());
        }
    }

    Artifacts artifacts_{{"x86_64", {.zip = "app.zip", .sha256 = std::string(64, 'a')}}};
    aws::Client client_;
    Target target_;
};

TEST_F(Limits, AnApiHas300Integrations)
{
    EXPECT_EQ(refusal(shop_with_routes(300, 1)), "");
    EXPECT_THAT(refusal(shop_with_routes(301, 1)),
                AllOf(HasSubstr("api web has 301 integrations, "), HasSubstr("AWS allows 300"),
                      HasSubstr("Nothing was changed. Let routes share functions")));
}

TEST_F(Limits, MoreThan300RoutesNeedAwssConsent)
{
    EXPECT_THAT(warnings(shop_with_routes(300, 100)), IsEmpty());
    EXPECT_THAT(warnings(shop_with_routes(301, 100)),
                ElementsAre(AllOf(HasSubstr("api web has 301 routes, but AWS allows 300. Ask AWS"),
                                  HasSubstr("Routes per HTTP API"))));
}

TEST_F(Limits, ARolesPolicyHas10240Characters)
{
    const auto with_resources = [](std::size_t count) {
        json::array resources;
        for (std::size_t i = 0; i < count; ++i)
            resources.push_back(
                json::string("arn:aws:s3:::" + std::string(80, 'b') + std::to_string(1000 + i)));
        const json::object statement{
            {"Effect", "Allow"}, {"Action", "s3:GetObject"}, {"Resource", resources}};
        return shop(
            {{"functions", json::array{function("f", {{"permissions", json::array{statement}}})}}});
    };
    EXPECT_EQ(refusal(with_resources(98)), "");
    EXPECT_THAT(refusal(with_resources(103)), AllOf(HasSubstr("role functions"),
                                                    HasSubstr(" characters of policy, but AWS "
                                                              "allows 10240"),
                                                    HasSubstr("\"permissions\"")));
}

TEST_F(Limits, AFunctionsPolicyHas20480Bytes)
{
    const auto called_by = [](std::size_t apis) {
        json::array list;
        for (std::size_t i = 0; i < apis; ++i)
            list.push_back(json::object{{"name", "api-" + std::to_string(100 + i)},
                                        {"routes", json::array{route(i, "f")}}});
        return shop({{"functions", json::array{function("f")}}, {"apis", list}});
    };
    EXPECT_EQ(refusal(called_by(60)), "");
    EXPECT_THAT(refusal(called_by(70)),
                AllOf(HasSubstr("function f has "), HasSubstr("bytes of resource policy"),
                      HasSubstr("AWS allows 20480"), HasSubstr("share a function")));
}

TEST_F(Limits, RoutesThatShareAFunctionNeedNoStatementEach)
{
    EXPECT_EQ(refusal(shop_with_routes(300, 300)), "");
}

/// The manifest was found right for the program's own stage.
TEST_F(Limits, AnEnvironmentHas4096BytesInEveryStage)
{
    json::array secrets;
    for (int i = 0; i < 20; ++i)
        secrets.push_back(json::object{{"name", "secret-" + std::to_string(100 + i)}});
    const json::object environment{{"WORDS", std::string(1'850, 'w')}};
    const auto document =
        shop({{"secrets", secrets},
              {"functions", json::array{function("f", {{"environment", environment}})}}});
    EXPECT_EQ(refusal(document), "");
    EXPECT_THAT(refusal(document, "a-longer-stage"),
                AllOf(HasSubstr("function f has "), HasSubstr("bytes of environment as JSON"),
                      HasSubstr("AWS allows 4096"), HasSubstr("the stage's name")));
}

TEST_F(Limits, AHandlerHas128Characters)
{
    const auto named = [](std::size_t characters) {
        return shop({{"functions", json::array{function(std::string(characters, 'f'))}}},
                    "nodejs22.x");
    };
    EXPECT_EQ(refusal(named(122)), "");
    EXPECT_THAT(refusal(named(123)), AllOf(HasSubstr("has 129 characters in its handler, index.f"),
                                           HasSubstr("a shorter name")));
}

TEST_F(Limits, AClusterHas10Schemas)
{
    const auto databases = [](std::size_t count) {
        json::array list;
        for (std::size_t i = 0; i < count; ++i)
            list.push_back(json::object{{"name", "db-" + std::to_string(i)}, {"cluster", "team"}});
        return shop({{"sql", list}});
    };
    EXPECT_EQ(refusal(databases(10)), "");
    EXPECT_THAT(refusal(databases(11)),
                HasSubstr("cluster shared/team has 11 schemas, but AWS allows 10"));
}

TEST_F(Limits, AllThatIsTooMuchIsToldAtOnce)
{
    auto document = shop_with_routes(301, 1);
    document["functions"].as_array().push_back(function(std::string(128, 'f')));
    document["runtime"] = "nodejs22.x";
    EXPECT_THAT(refusal(document), AllOf(HasSubstr("integrations"), HasSubstr("handler")));
}

/// An output that is not known yet counts with the length that it will have.
TEST_F(Limits, WhatIsKnownLaterHasItsLength)
{
    const auto& kinds = all_kinds();
    const auto expected = [&](std::string_view type, const json::object& identity,
                              std::string_view output) {
        return kinds.type(type).expected(target_, identity).at(output).as_string().size();
    };
    EXPECT_EQ(expected("cluster", {}, "arn"),
              std::string_view("arn:aws:dsql:eu-west-1:123456789012:cluster/"
                               "abcdefghijklmnopqrstuvwxyz")
                  .size());
    EXPECT_EQ(expected("secret", {{"secretName", "shop/dev/key"}}, "arn"),
              std::string_view("arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/dev/"
                               "key-AbCdEf")
                  .size());
    EXPECT_EQ(expected("api", {}, "apiId"), 10U);
}

/// Names are made to fit, so that no limit of theirs can be exceeded: Lambda and IAM allow 64
/// characters, API Gateway 128, CloudWatch Logs and Secrets Manager 512.
TEST_F(Limits, TheLongestNamesFit)
{
    const std::string longest(32, 'n');
    auto document =
        shop({{"functions", json::array{function(std::string(128, 'f'))}},
              {"secrets", json::array{json::object{{"name", longest}}}},
              {"apis", json::array{json::object{{"name", longest}, {"routes", json::array()}}}}});
    document["project"] = longest;
    document["stage"] = std::string(16, 's');
    const std::map<std::string, std::pair<std::string, std::size_t>> limits{
        {"function", {"functionName", 64}},
        {"role", {"roleName", 64}},
        {"api", {"name", 128}},
        {"log-group", {"logGroup", 512}},
        {"secret", {"name", 512}}};
    const auto manifest =
        manifest::parse_manifest(json::serialize(document), "test", all_kinds().sections());
    std::set<std::string> seen;
    for (const auto& node : desired_graph({manifest, artifacts_, target_, all_kinds()})) {
        const auto limit = limits.find(node.type);
        if (limit == limits.end())
            continue;
        const auto& [member, characters] = limit->second;
        EXPECT_LE(node.inputs.at(member).as_string().size(), characters) << node.key();
        seen.insert(node.type);
    }
    EXPECT_EQ(seen.size(), limits.size());
}

} // namespace
} // namespace nimbus::deploy
