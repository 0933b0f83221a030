#include "aws/ops/dsql/clusters.h"
#include "aws/ops/dsql/tags.h"
#include "base/error.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nimbus::aws::dsql {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

const std::string arn = "arn:aws:dsql:us-east-1:123456789012:cluster/foo0bar1";
const std::string arn_path =
    "/tags/arn%3Aaws%3Adsql%3Aus-east-1%3A123456789012%3Acluster%2Ffoo0bar1";

TEST(DsqlCreateCluster, CarriesItsToken)
{
    const auto request = CreateCluster{
        .client_token = "t-1",
        .deletion_protection = false,
        .tags = {{"k", "v"}}}.encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/cluster");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(request.body,
              R"({"deletionProtectionEnabled":false,"tags":{"k":"v"},"clientToken":"t-1"})");
    EXPECT_TRUE(CreateCluster::info.is_idempotent());
}

TEST(DsqlCreateCluster, GivesAClusterInTheMaking)
{
    const auto cluster = CreateCluster::decode(
        {.body = R"({"arn":"arn:aws:dsql:us-east-1:123456789012:cluster/foo0bar1",
                     "creationTime":1.7E9,"deletionProtectionEnabled":true,
                     "identifier":"foo0bar1","status":"CREATING"})"});
    EXPECT_EQ(cluster.identifier, "foo0bar1");
    EXPECT_EQ(cluster.arn, arn);
    EXPECT_EQ(cluster.status, "CREATING");
    EXPECT_EQ(cluster.endpoint, "");
    EXPECT_TRUE(cluster.deletion_protection);
    EXPECT_EQ(cluster.creation_time, from_unix_milliseconds(1'700'000'000'000));
}

TEST(DsqlGetCluster, GivesTagsAndEndpoint)
{
    const auto request = GetCluster{.identifier = "foo0bar1"}.encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/cluster/foo0bar1");
    const auto cluster = GetCluster::decode(
        {.body = R"({"arn":"arn:aws:dsql:us-east-1:123456789012:cluster/foo0bar1",
                     "creationTime":1700000000.25,"deletionProtectionEnabled":false,
                     "endpoint":"foo0bar1.dsql.us-east-1.on.aws","identifier":"foo0bar1",
                     "status":"ACTIVE","tags":{"nimbus:project":"p"},
                     "encryptionDetails":{"encryptionType":"AWS_OWNED_KMS_KEY"}})"});
    EXPECT_EQ(cluster.endpoint, "foo0bar1.dsql.us-east-1.on.aws");
    EXPECT_FALSE(cluster.deletion_protection);
    EXPECT_EQ(cluster.tags, (Tags{{"nimbus:project", "p"}}));
    EXPECT_EQ(cluster.creation_time, from_unix_milliseconds(1'700'000'000'250));
}

TEST(DsqlUpdateCluster, SendsWhatChanges)
{
    const auto request =
        UpdateCluster{.identifier = "c", .deletion_protection = false, .client_token = "t"}
            .encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/cluster/c");
    EXPECT_EQ(request.body, R"({"deletionProtectionEnabled":false,"clientToken":"t"})");
    EXPECT_EQ((UpdateCluster{.identifier = "c"}.encode().body), "{}");
    EXPECT_EQ(
        UpdateCluster::decode(
            {.body = R"({"arn":"a","creationTime":1.7E9,"identifier":"c","status":"UPDATING"})"})
            .status,
        "UPDATING");
}

TEST(DsqlDeleteCluster, HasItsTokenInTheQuery)
{
    const auto request = DeleteCluster{.identifier = "c", .client_token = "t"}.encode();
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(request.path, "/cluster/c");
    EXPECT_EQ(request.query, (Query{{"client-token", "t"}}));
    EXPECT_EQ(request.body, "");
    EXPECT_EQ(
        DeleteCluster::decode(
            {.body = R"({"arn":"a","creationTime":1.7E9,"identifier":"c","status":"DELETING"})"})
            .status,
        "DELETING");
}

TEST(DsqlListClusters, HasPages)
{
    const auto request = ListClusters{.max_results = 100, .next_token = "n"}.encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/cluster");
    EXPECT_EQ(request.query, (Query{{"max-results", "100"}, {"next-token", "n"}}));
    const auto page =
        ListClusters::decode({.body = R"({"clusters":[{"arn":"arn:1","identifier":"one"},
                                 {"arn":"arn:2","identifier":"two"}],"nextToken":"more"})"});
    ASSERT_EQ(page.clusters.size(), 2U);
    EXPECT_EQ(page.clusters[1].identifier, "two");
    EXPECT_EQ(page.clusters[1].arn, "arn:2");
    EXPECT_EQ(page.next_token, "more");
}

TEST(DsqlClusters, AreRefusedWithoutWhatTheyMustHave)
{
    EXPECT_THROW(GetCluster::decode({.body = R"({"identifier":"c"})"}), Error);
    EXPECT_THROW(GetCluster::decode({.body = R"({"identifier":"c","arn":"a","status":"ACTIVE",
                                                 "creationTime":"yesterday"})"}),
                 Error);
    EXPECT_THROW(GetCluster::decode({.body = R"({"identifier":"c","arn":"a","status":"ACTIVE",
                                                 "creationTime":1e300})"}),
                 Error);
}

TEST(DsqlClusters, MustBeNamed)
{
    EXPECT_THROW((GetCluster{}.encode()), std::invalid_argument) << "it would list the clusters";
    EXPECT_THROW((DeleteCluster{}.encode()), std::invalid_argument);
}

TEST(DsqlTags, HaveTheEscapedArnInThePath)
{
    const auto tag = TagResource{.resource_arn = arn, .tags = {{"k", "v"}}}.encode();
    EXPECT_EQ(tag.method, "POST");
    EXPECT_EQ(tag.path, arn_path);
    EXPECT_EQ(tag.body, R"({"tags":{"k":"v"}})");

    const auto untag = UntagResource{.resource_arn = arn, .tag_keys = {"a", "b"}}.encode();
    EXPECT_EQ(untag.method, "DELETE");
    EXPECT_EQ(untag.path, arn_path);
    EXPECT_EQ(untag.query, (Query{{"tagKeys", "a"}, {"tagKeys", "b"}}));

    const auto list = ListTagsForResource{.resource_arn = arn}.encode();
    EXPECT_EQ(list.method, "GET");
    EXPECT_EQ(list.path, arn_path);
    EXPECT_EQ(ListTagsForResource::decode({.body = R"({"tags":{"k":"v"}})"}).tags,
              (Tags{{"k", "v"}}));
    EXPECT_TRUE(ListTagsForResource::decode({.body = "{}"}).tags.empty());
}

} // namespace
} // namespace nimbus::aws::dsql
