#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "aws/ops/iam/role_boundaries.h"
#include "aws/ops/iam/role_policies.h"
#include "aws/ops/lambda/permissions.h"
#include "base/json.h"
#include "deploy/kinds/api/output.h"
#include "deploy/test_cloud.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace nimbus::deploy {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;
using testing_cloud::CloudProcess;
using testing_cloud::Person;

manifest::Manifest application()
{
    return Person::application({"GET /ping"});
}

/// A policy, a permissions boundary, a permission and a route.
void add_by_hand(const Person& person, const std::string& api)
{
    const auto& client = person.client();
    client.call(aws::iam::PutRolePolicy{
        .role_name = "testbed-dev-functions-us-east-1",
        .policy_name = "admin",
        .policy_document =
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"});
    client.call(aws::iam::PutRolePermissionsBoundary{
        .role_name = "testbed-dev-functions-us-east-1",
        .permissions_boundary = "arn:aws:iam::aws:policy/AdministratorAccess"});
    client.call(aws::lambda::AddPermission{
        .function_name = "testbed-dev-GET--ping", .statement_id = "everybody", .principal = "*"});
    client.call(aws::apigatewayv2::CreateRoute{.api_id = api, .route_key = "GET /back-door"});
}

std::vector<std::string> texts(const std::vector<PlannedExtra>& extras)
{
    std::vector<std::string> all;
    for (const auto& extra : extras)
        all.push_back(extra.resource + ": " + extra.what);
    return all;
}

class ExtrasTest : public testing::Test {
protected:
    ExtrasTest()
    {
        const auto result = person.deploy(application());
        add_by_hand(person, result.outputs.of<api::ApiOutput>(api::kind_name).front().id);
    }

    CloudProcess cloud;
    Person person{cloud};
    const testing::Matcher<std::vector<std::string>> all_extras = UnorderedElementsAre(
        "role functions: the inline policy admin",
        "role functions: the permissions boundary arn:aws:iam::aws:policy/AdministratorAccess",
        "function GET--ping: the permission everybody", "api web: the route GET /back-door");
};

TEST_F(ExtrasTest, AreShownByPlanAndStatus)
{
    const auto plan = person.plan(application());
    EXPECT_TRUE(plan.changes_nothing());
    EXPECT_THAT(texts(plan.extras), all_extras);
    EXPECT_THAT(texts(deployment_status(all_kinds(), person.target(), person.id).value().extras),
                all_extras);
}

TEST_F(ExtrasTest, AreLeftAloneByADeploy)
{
    EXPECT_EQ(person.deploy(application()).changes.deleted, 0);
    EXPECT_THAT(texts(person.plan(application()).extras), all_extras);
}

TEST_F(ExtrasTest, AreDeletedByADeployThatPrunes)
{
    person.options.prune = true;
    EXPECT_EQ(person.deploy(application()).changes.deleted, 4);
    EXPECT_THAT(person.plan(application()).extras, IsEmpty());
    EXPECT_TRUE(person.plan(application()).changes_nothing());
    EXPECT_EQ(person.deploy(application()).changes.deleted, 0);
}

TEST_F(ExtrasTest, GoWithWhatTheyWereAddedTo)
{
    person.destroy();
    EXPECT_FALSE(deployment_status(all_kinds(), person.target(), person.id));
}

/// Its only statement but for `everybody`.
json::object own_statement(const Person& person)
{
    const auto answer =
        person.client().call(aws::lambda::GetPolicy{.function_name = "testbed-dev-GET--ping"});
    const auto policy = parse_json(answer.policy, "policy");
    for (const auto& statement : policy.at("Statement").as_array())
        if (statement.at("Sid") != "everybody")
            return statement.as_object();
    return {};
}

TEST_F(ExtrasTest, APermissionThatSomebodyReplacedIsMadeAnew)
{
    const auto own = own_statement(person);
    const std::string id(own.at("Sid").as_string());
    const std::string source(own.at("Condition").at("ArnLike").at("AWS:SourceArn").as_string());
    const aws::lambda::AddPermission made{.function_name = "testbed-dev-GET--ping",
                                          .statement_id = id,
                                          .principal = "apigateway.amazonaws.com",
                                          .source_arn = source};
    auto others = std::vector(4, made);
    others[0].principal = "*";
    others[1].action = "lambda:*";
    others[2].source_arn.clear();
    others[3].source_account = "999999999999";
    for (const auto& other : others) {
        person.client().call(aws::lambda::RemovePermission{.function_name = "testbed-dev-GET--ping",
                                                           .statement_id = id});
        person.client().call(other);
        SCOPED_TRACE(json::serialize(own_statement(person)));
        EXPECT_EQ(person.plan(application()).changes().updated, 1);
        EXPECT_EQ(person.deploy(application()).changes.updated, 1);
        EXPECT_EQ(own_statement(person), own);
    }
}

} // namespace
} // namespace nimbus::deploy
