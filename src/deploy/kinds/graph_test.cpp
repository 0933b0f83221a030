#include "aws/client.h"
#include "base/error.h"
#include "deploy/graph.h"
#include "deploy/kinds/catalog.h"
#include "deploy/references.h"
#include "deploy/state.h"
#include "manifest/parse.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <algorithm>

namespace nimbus::deploy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class GraphTest : public testing::Test {
protected:
    GraphTest()
        : client_(nullptr, aws::fixed_credentials({}), {.region = "eu-west-1"}),
          target_{.name = "aws",
                  .client = client_,
                  .region = "eu-west-1",
                  .account_id = "123456789012",
                  .bucket = "state"}
    {
    }

    std::vector<Node> graph(const manifest::Manifest& manifest)
    {
        return desired_graph({manifest, artifacts_, target_, all_kinds()});
    }

    static manifest::Manifest shop()
    {
        return manifest::parse_manifest(R"({
            "version": 1, "project": "shop", "region": "eu-west-1", "stage": "dev",
            "runtime": "provided.al2023", "architecture": "arm64",
            "sql": [{"name": "main-db", "schema": "shop", "deletionProtection": false},
                    {"name": "logs", "schema": "logs", "cluster": "team-db"}],
            "apis": [{"name": "web", "routes": [
                {"method": "GET", "path": "/users/{id}", "function": "get-user"},
                {"method": "ANY", "path": "/files/{proxy+}", "function": "files"},
                {"method": "GET", "path": "/files", "function": "files"},
                {"method": "ANY", "path": "/uploads/{proxy+}", "function": "upload"},
                {"method": "ANY", "path": "$default", "function": "other"}]}],
            "functions": [{"name": "get-user", "environment": {"GREETING": "hi"}, "uses": ["main-db"]},
                          {"name": "files", "uses": []}, {"name": "upload", "uses": []},
                          {"name": "other", "uses": [], "architecture": "x86_64"}]})",
                                        "test", all_kinds().sections());
    }

    static const Node& find(const std::vector<Node>& nodes, const std::string& key)
    {
        const auto found = std::ranges::find(nodes, key, &Node::key);
        if (found == nodes.end())
            throw Error("no node " + key);
        return *found;
    }

    Artifacts artifacts_{{"x86_64", {.zip = "x86.zip", .sha256 = std::string(64, 'a')}},
                         {"arm64", {.zip = "arm.zip", .sha256 = std::string(64, 'b')}}};
    aws::Client client_;
    Target target_;
};

TEST_F(GraphTest, PermissionsOfOneFunctionAreMadeOneAfterTheOther)
{
    const auto nodes = graph(manifest::parse_manifest(R"({
        "version": 1, "project": "shop", "region": "eu-west-1", "stage": "dev",
        "runtime": "provided.al2023", "architecture": "arm64",
        "apis": [{"name": "a", "routes": [{"method": "GET", "path": "/", "function": "f"}]},
                 {"name": "b", "routes": [{"method": "GET", "path": "/", "function": "f"},
                                          {"method": "GET", "path": "/g", "function": "g"}]},
                 {"name": "c", "routes": [{"method": "GET", "path": "/", "function": "f"}]}],
        "functions": [{"name": "f"}, {"name": "g"}]})",
                                                      "test", all_kinds().sections()));
    const auto earlier = [&](const std::string& key) {
        std::vector<std::string> permissions;
        std::ranges::copy_if(
            find(nodes, key).depends_on, std::back_inserter(permissions),
            [](const std::string& other) { return other.starts_with("permission "); });
        return permissions;
    };
    EXPECT_THAT(earlier("permission f by a GET /"), IsEmpty());
    EXPECT_THAT(earlier("permission f by b GET /"), ElementsAre("permission f by a GET /"));
    EXPECT_THAT(earlier("permission g by b GET /g"), IsEmpty());
    EXPECT_THAT(earlier("permission f by c GET /"), ElementsAre("permission f by b GET /"));
}

TEST_F(GraphTest, HasEachResourceAfterWhatItDependsOn)
{
    const auto manifest = shop();
    const auto nodes = graph(manifest);
    std::vector<std::string> placed;
    for (const auto& node : nodes) {
        for (const auto& key : node.depends_on)
            EXPECT_THAT(placed, Contains(key)) << node.key();
        placed.push_back(node.key());
    }
    EXPECT_THAT(placed, Contains("cluster main-db"));
    EXPECT_THAT(placed, Contains("cluster shared/team-db"));
    EXPECT_THAT(placed, Contains("schema main-db/shop"));
    EXPECT_THAT(placed, Contains("stage web/dev"));
    EXPECT_THAT(placed, Contains("route web GET /users/{id}"));
    EXPECT_THAT(placed, Contains("route web $default"));
}

TEST_F(GraphTest, GivesFunctionsTheDatabasesTheyUse)
{
    const auto manifest = shop();
    const auto nodes = graph(manifest);
    const auto& environment = find(nodes, "function get-user").inputs.at("environment").as_object();
    EXPECT_EQ(environment.at("GREETING"), "hi");
    EXPECT_EQ(environment.at("SQL_MAIN_DB_SCHEMA"), "shop");
    EXPECT_EQ(environment.at("SQL_MAIN_DB_ENDPOINT"),
              json::value(output_of("cluster main-db", "endpoint")));
    EXPECT_FALSE(environment.contains("SQL_LOGS_SCHEMA"));
    EXPECT_TRUE(find(nodes, "function files").inputs.at("environment").as_object().empty());
}

TEST_F(GraphTest, GivesFunctionsTheCodeOfTheirArchitecture)
{
    const auto manifest = shop();
    const auto nodes = graph(manifest);
    const auto& arm = find(nodes, "function files");
    const auto& x86 = find(nodes, "function other");
    EXPECT_EQ(string_or_empty(arm.inputs, "architecture"), "arm64");
    EXPECT_THAT(string_or_empty(arm.inputs, "codeKey"), HasSubstr(std::string(64, 'b')));
    EXPECT_THAT(arm.depends_on, Contains("artifact " + std::string(12, 'b')));
    EXPECT_EQ(string_or_empty(x86.inputs, "architecture"), "x86_64");
    EXPECT_THAT(string_or_empty(x86.inputs, "codeKey"), HasSubstr(std::string(64, 'a')));
    EXPECT_THAT(x86.depends_on, Contains("artifact " + std::string(12, 'a')));
}

TEST_F(GraphTest, UploadsCodeThatIsForBothArchitecturesOnce)
{
    artifacts_["x86_64"] = artifacts_["arm64"];
    const auto manifest = shop();
    EXPECT_EQ(std::ranges::count(graph(manifest), "artifact", &Node::type), 1);
}

TEST_F(GraphTest, GivesRolesNoMoreThanTheirFunctionsNeed)
{
    const auto manifest = shop();
    const auto nodes = graph(manifest);
    const auto with =
        json::serialize(find(nodes, "role functions-with-main-db").inputs.at("policy"));
    EXPECT_THAT(with, HasSubstr("dsql:DbConnect"));
    EXPECT_THAT(with, HasSubstr("log-group:/aws/lambda/shop-dev-get-user:*"));
    EXPECT_THAT(with, Not(HasSubstr("shop-dev-files")));
    EXPECT_THAT(with, Not(HasSubstr("team-db")));
    const auto without = json::serialize(find(nodes, "role functions-without-sql").inputs);
    EXPECT_THAT(without, Not(HasSubstr("dsql")));
}

TEST_F(GraphTest, MapsToASchemaTheRolesOfItsUsersOnly)
{
    const auto manifest = shop();
    const auto nodes = graph(manifest);
    std::vector<std::string> mapped;
    for (const auto& node : nodes)
        if (node.type == "role-mapping")
            mapped.push_back(node.parent + " <- " + string_or_empty(node.inputs, "arn"));
    EXPECT_THAT(
        mapped,
        ElementsAre("schema main-db/shop <- "
                    "arn:aws:iam::123456789012:role/shop-dev-functions-with-main-db-eu-west-1"));
    EXPECT_THAT(
        find(nodes, "function get-user").works_with,
        ElementsAre("role-mapping main-db/shop functions-with-main-db", "log-group get-user"));
    EXPECT_THAT(find(nodes, "function files").works_with, ElementsAre("log-group files"));
}

/// IAM has the same roles in all Regions.
TEST_F(GraphTest, RolesHaveTheRegionInTheirNamesUnlessAnEarlierVersionNamedThem)
{
    const auto manifest = shop();
    const std::string key = "role functions-with-main-db";
    const auto role_of = [](const std::vector<Node>& nodes, const std::string& node) {
        return string_or_empty(find(nodes, node).inputs,
                               node.starts_with("role") ? "roleName" : "role");
    };
    const auto nodes = graph(manifest);
    EXPECT_EQ(role_of(nodes, key), "shop-dev-functions-with-main-db-eu-west-1");

    State state;
    state.records[key] = {.type = "role",
                          .name = "functions-with-main-db",
                          .outputs = {{"roleName", "shop-dev-functions-with-main-db"}}};
    const auto later = desired_graph({manifest, artifacts_, target_, all_kinds(), &state});
    EXPECT_EQ(role_of(later, key), "shop-dev-functions-with-main-db");
    EXPECT_EQ(role_of(later, "function get-user"),
              "arn:aws:iam::123456789012:role/shop-dev-functions-with-main-db");
    EXPECT_EQ(role_of(later, "role functions-without-sql"),
              "shop-dev-functions-without-sql-eu-west-1");
}

TEST_F(GraphTest, LetsApiGatewayInvokeByMethodAndPath)
{
    const auto manifest = shop();
    const auto nodes = graph(manifest);
    const auto source = [&](const std::string& key) {
        const auto arn = string_or_empty(find(nodes, key).inputs, "sourceArn");
        return arn.substr(arn.find('/'));
    };
    EXPECT_EQ(source("permission get-user by web GET /users/{id}"), "/*/GET/users/*");
    EXPECT_EQ(source("permission upload by web ANY /uploads/{proxy+}"), "/*/*/uploads/*");
    EXPECT_EQ(source("permission other by web $default"), "/*/$default");
}

TEST_F(GraphTest, HasOneIntegrationAndOnePermissionForRoutesThatShareAFunction)
{
    const auto manifest = shop();
    const auto nodes = graph(manifest);
    EXPECT_THAT(string_or_empty(find(nodes, "permission files by web").inputs, "sourceArn"),
                EndsWith("/*/*"));
    const auto target = [&](const std::string& key) {
        return string_or_empty(find(nodes, key).inputs, "target");
    };
    EXPECT_EQ(target("route web ANY /files/{proxy+}"), target("route web GET /files"));
    EXPECT_NE(target("route web $default"), target("route web GET /files"));
    EXPECT_EQ(std::ranges::count(nodes, "integration", &Node::type), 4);
    EXPECT_EQ(std::ranges::count(nodes, "permission", &Node::type), 4);
}

TEST_F(GraphTest, TagsWhatCanBeTagged)
{
    const auto manifest = shop();
    for (const auto& node : graph(manifest)) {
        if (!node.inputs.contains("tags"))
            continue;
        const auto& tags = node.inputs.at("tags").as_object();
        EXPECT_EQ(tags.at("nimbus:project"), "shop");
        EXPECT_EQ(tags.at("nimbus:stage"), "dev");
        EXPECT_EQ(tags.at("nimbus:resource"), json::value(node.type + "/" + node.name));
    }
}

/// The principals of services have one name in all partitions: lambda.amazonaws.com.
TEST_F(GraphTest, NamesResourcesInThePartitionOfTheRegion)
{
    const auto manifest = manifest::parse_manifest(R"({
        "version": 1, "project": "shop", "region": "cn-north-1", "stage": "dev",
        "runtime": "provided.al2023", "architecture": "x86_64",
        "sql": [{"name": "main-db", "schema": "shop"}],
        "secrets": [{"name": "stripe-key"}],
        "apis": [{"name": "web", "routes": [
            {"method": "GET", "path": "/users", "function": "get-user"}]}],
        "functions": [{"name": "get-user"}]
})",
                                                   "test", all_kinds().sections());
    target_.region = "cn-north-1";
    std::size_t arns = 0;
    for (const auto& node : graph(manifest)) {
        const auto text = json::serialize(node.inputs);
        EXPECT_THAT(text, Not(HasSubstr("arn:aws:"))) << node.key();
        EXPECT_THAT(text, Not(HasSubstr("amazonaws.com.cn"))) << node.key();
        arns += text.find("arn:aws-cn:") != std::string::npos ? 1 : 0;
    }
    EXPECT_GE(arns, 4U) << "of roles, permissions, the schema's mapping";
}

} // namespace
} // namespace nimbus::deploy
