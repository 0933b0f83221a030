#include "aws/client.h"
#include "deploy/deployer_policy.h"
#include "deploy/kinds/catalog.h"
#include "manifest/parse.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <algorithm>

namespace nimbus::deploy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class DeployerPolicy : public testing::Test {
protected:
    /// `members` of the manifest beside those that it must have.
    json::array statements(const json::object& members, const std::string& region = "eu-west-1",
                           const std::string& state_key = {}, const State& recorded = {})
    {
        json::object document{{"version", 1},
                              {"project", "shop"},
                              {"region", region},
                              {"runtime", "provided.al2023"},
                              {"stage", "dev"},
                              {"architecture", "x86_64"},
                              {"functions", json::array{}}};
        for (const auto& [name, value] : members)
            document[name] = value;
        const auto manifest =
            manifest::parse_manifest(json::serialize(document), "test", all_kinds().sections());
        const aws::Client client(nullptr, aws::fixed_credentials({}), {.region = region});
        const Target target{.name = "aws",
                            .client = client,
                            .region = region,
                            .account_id = "123456789012",
                            .bucket = "state"};
        return deployer_policy(all_kinds(), target, manifest, recorded, state_key)
            .at("Statement")
            .as_array();
    }

    static std::vector<std::string> ids(const json::array& statements)
    {
        std::vector<std::string> found;
        for (const auto& statement : statements)
            found.push_back(string_or_empty(statement.as_object(), "Sid"));
        return found;
    }

    static std::string text(const json::array& statements, std::string_view id,
                            std::string_view member)
    {
        const auto found = std::ranges::find_if(statements, [&](const json::value& statement) {
            return string_or_empty(statement.as_object(), "Sid") == id;
        });
        return found == statements.end() ? "" : json::serialize(found->as_object().at(member));
    }
};

TEST_F(DeployerPolicy, OfAnApplicationWithoutAnythingIsThatOfItsState)
{
    const auto policy = statements({});
    EXPECT_THAT(ids(policy), ElementsAre("FindState", "State"));
    EXPECT_EQ(text(policy, "FindState", "Resource"), R"(["arn:aws:s3:::state"])");
    EXPECT_EQ(text(policy, "State", "Resource"),
              R"(["arn:aws:s3:::state/nimbus/shop/dev/eu-west-1/*"])");
}

TEST_F(DeployerPolicy, TheKeyOfTheStateIsUsedThroughS3Only)
{
    const std::string key =
        "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const auto policy = statements({}, "eu-west-1", key);
    EXPECT_THAT(ids(policy), ElementsAre("FindState", "State", "StateKey"));
    EXPECT_EQ(text(policy, "StateKey", "Action"), R"(["kms:Decrypt","kms:GenerateDataKey"])");
    EXPECT_EQ(text(policy, "StateKey", "Resource"), R"([")" + key + R"("])");
    EXPECT_EQ(text(policy, "StateKey", "Condition"),
              R"({"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}})");
}

TEST_F(DeployerPolicy, ClustersAreConnectedToAndChangedByTheirTags)
{
    const auto policy = statements({{"sql", json::array{json::object{{"name", "main-db"}}}}});
    EXPECT_EQ(text(policy, "ReadClusters", "Action"), R"(["dsql:GetCluster"])");
    EXPECT_EQ(text(policy, "ChangeCluster", "Action"),
              R"(["dsql:DbConnectAdmin","dsql:DeleteCluster","dsql:TagResource",)"
              R"("dsql:UntagResource","dsql:UpdateCluster"])");
    EXPECT_EQ(text(policy, "ChangeCluster", "Condition"),
              R"({"StringLike":{"aws:ResourceTag/nimbus:project":"shop",)"
              R"("aws:ResourceTag/nimbus:stage":"dev"}})");
    EXPECT_THAT(ids(policy), Not(testing::Contains("UseSharedCluster")));
}

TEST_F(DeployerPolicy, AClusterOfAnotherApplicationIsNotTaggedAsIfNew)
{
    const auto policy = statements({{"sql", json::array{json::object{{"name", "main-db"}}}}});
    EXPECT_EQ(text(policy, "CreateCluster", "Condition"),
              R"({"StringLike":{"aws:RequestTag/nimbus:project":"shop",)"
              R"("aws:RequestTag/nimbus:stage":"dev"},)"
              R"("StringLikeIfExists":{"aws:ResourceTag/nimbus:project":"shop",)"
              R"("aws:ResourceTag/nimbus:stage":"dev"}})");
}

TEST_F(DeployerPolicy, OnASharedClusterItsOwnSchemasAreClaimed)
{
    const json::object shared{{"name", "team"}, {"cluster", "team-db"}, {"schema", "shop"}};
    const auto policy = statements({{"sql", json::array{shared}}});
    EXPECT_EQ(text(policy, "UseSharedCluster", "Action"),
              R"(["dsql:DbConnectAdmin","dsql:TagResource","dsql:UntagResource"])");
    EXPECT_EQ(
        text(policy, "UseSharedCluster", "Condition"),
        R"({"StringEquals":{"aws:ResourceTag/nimbus:cluster":["team-db"]},)"
        R"("ForAllValues:StringLike":{"aws:TagKeys":["nimbus:deleting","nimbus:schema:shop","nimbus:schema:shop:*"]}})");
}

/// A state that has these.
State state_of(std::vector<Record> records)
{
    State state;
    for (auto& record : records)
        state.records.emplace(record.key(), std::move(record));
    return state;
}

TEST_F(DeployerPolicy, WhatIsDeployedAndNotDeclaredAnyMoreMayBeDeleted)
{
    const auto ids_with = [&](std::vector<Record> records) {
        return ids(statements({}, "eu-west-1", {}, state_of(std::move(records))));
    };
    EXPECT_THAT(ids_with({{.type = "secret", .name = "key"}}), testing::Contains("Secrets"));
    EXPECT_THAT(ids_with({{.type = "schedule", .name = "tick"}}), testing::Contains("Schedules"));
    EXPECT_THAT(ids_with({{.type = "api", .name = "web"}}), testing::Contains("Apis"));
    EXPECT_THAT(ids_with({{.type = "log-group", .name = "f"}}), testing::Contains("LogGroups"));
    EXPECT_THAT(ids_with({{.type = "cluster", .name = "db"}}),
                testing::AllOf(testing::Contains("ChangeCluster"),
                               Not(testing::Contains("UseSharedCluster"))));
}

TEST_F(DeployerPolicy, ASchemaThatIsNotDeclaredAnyMoreIsGivenBack)
{
    const auto policy =
        statements({}, "eu-west-1", {},
                   state_of({{.type = "cluster",
                              .name = "shared/team-db",
                              .outputs = {{"identifier", "a"}, {"sharedName", "team-db"}}},
                             {.type = "schema",
                              .name = "team-db/shop",
                              .parent = "cluster shared/team-db",
                              .outputs = {{"schema", "shop"}}}}));
    EXPECT_EQ(
        text(policy, "UseSharedCluster", "Condition"),
        R"({"StringEquals":{"aws:ResourceTag/nimbus:cluster":["team-db"]},)"
        R"("ForAllValues:StringLike":{"aws:TagKeys":["nimbus:deleting","nimbus:schema:shop","nimbus:schema:shop:*"]}})");
}

TEST_F(DeployerPolicy, KeysOfSecretsAreUsedThroughSecretsManagerOnly)
{
    EXPECT_EQ(text(statements({{"secrets", json::array{json::object{{"name", "a"}}}}}),
                   "SecretKeys", "Resource"),
              "");
    const json::object secret{{"name", "a"}, {"kmsKeyId", "1234abcd-12ab-34cd-56ef-1234567890ab"}};
    const auto policy = statements({{"secrets", json::array{secret}}});
    EXPECT_EQ(text(policy, "SecretKeys", "Resource"),
              R"(["arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"])");
    EXPECT_EQ(text(policy, "SecretKeys", "Condition"),
              R"({"StringEquals":{"kms:ViaService":"secretsmanager.eu-west-1.amazonaws.com"}})");
}

const json::object function{{"name", "f"}};
const std::string boundary = "arn:aws:iam::123456789012:policy/limit";

TEST_F(DeployerPolicy, WithAPermissionsBoundaryRolesAreGivenPoliciesWithinItOnly)
{
    const auto policy =
        statements({{"functions", json::array{function}}, {"permissionsBoundary", boundary}});
    EXPECT_EQ(text(policy, "GiveRoles", "Action"),
              R"(["iam:CreateRole","iam:PutRolePolicy","iam:PutRolePermissionsBoundary"])");
    EXPECT_EQ(text(policy, "GiveRoles", "Condition"),
              R"({"StringEquals":{"iam:PermissionsBoundary":")" + boundary + R"("}})");
    EXPECT_EQ(text(policy, "FindBoundary", "Action"), R"(["iam:GetPolicy"])");
    EXPECT_EQ(text(policy, "FindBoundary", "Resource"), R"([")" + boundary + R"("])");
    for (const auto* action : {"CreateRole", "PutRolePolicy", "PermissionsBoundary"})
        EXPECT_THAT(text(policy, "Roles", "Action"), Not(HasSubstr(action)));
}

TEST_F(DeployerPolicy, ABoundaryThatTheProgramNoLongerHasMayBeTakenAway)
{
    const auto actions = [&](json::object role_outputs) {
        const auto recorded =
            state_of({{.type = "role", .name = "functions", .outputs = std::move(role_outputs)}});
        return text(statements({{"functions", json::array{function}}}, "eu-west-1", {}, recorded),
                    "Roles", "Action");
    };
    EXPECT_THAT(actions({{"permissionsBoundary", boundary}}),
                HasSubstr("iam:DeleteRolePermissionsBoundary"));
    for (const auto& outputs : {json::object{}, {{"permissionsBoundary", "none"}}})
        EXPECT_THAT(actions(outputs), Not(HasSubstr("Boundary")));
}

TEST_F(DeployerPolicy, ArnsAreThoseOfTheRegionsPartition)
{
    const auto policy =
        json::serialize(statements({{"functions", json::array{function}}}, "us-gov-west-1"));
    EXPECT_THAT(policy, HasSubstr("arn:aws-us-gov:iam::123456789012:role/shop-dev-*"));
    EXPECT_THAT(policy, HasSubstr("arn:aws-us-gov:s3:::state"));
    EXPECT_THAT(policy, Not(HasSubstr("arn:aws:")));
}

} // namespace
} // namespace nimbus::deploy
