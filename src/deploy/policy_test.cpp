#include "deploy/policy.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace nimbus::deploy {
namespace {

TEST(Policy, StatementsOfTheSameActionsBecomeOne)
{
    const auto document = policy_document(
        {{.actions = {"dsql:DbConnect"}, .resources = {"arn:a"}},
         {.actions = {"logs:PutLogEvents"}, .resources = {"arn:l"}},
         {.actions = {"dsql:DbConnect"}, .resources = {"arn:b", "arn:a"}},
         {.effect = "Deny", .actions = {"dsql:DbConnect"}, .resources = {"arn:c"}}});
    EXPECT_EQ(json::serialize(document.at("Statement")),
              R"([{"Effect":"Allow","Action":["dsql:DbConnect"],"Resource":["arn:a","arn:b"]},)"
              R"({"Effect":"Allow","Action":["logs:PutLogEvents"],"Resource":["arn:l"]},)"
              R"({"Effect":"Deny","Action":["dsql:DbConnect"],"Resource":["arn:c"]}])");
}

TEST(Policy, StatementsUnderDifferentConditionsStayApart)
{
    const Statement anywhere{.actions = {"a:B"}, .resources = {"arn:x"}};
    auto tagged = anywhere;
    tagged.condition = string_equals({{"aws:ResourceTag/team", "web"}});
    tagged.id = "Tagged";
    EXPECT_EQ(json::serialize(policy_document({anywhere, tagged}).at("Statement")),
              R"([{"Effect":"Allow","Action":["a:B"],"Resource":["arn:x"]},)"
              R"({"Sid":"Tagged","Effect":"Allow","Action":["a:B"],"Resource":["arn:x"],)"
              R"("Condition":{"StringEquals":{"aws:ResourceTag/team":"web"}}}])");
}

TEST(Policy, TrustInAServiceCanBeLimitedToOneOfItsResources)
{
    const auto trust = trust_in("scheduler.amazonaws.com", "123456789012", "arn:group");
    EXPECT_EQ(
        json::serialize(trust.at("Statement").as_array().front().at("Condition")),
        R"({"StringEquals":{"aws:SourceAccount":"123456789012","aws:SourceArn":"arn:group"}})");
}

} // namespace
} // namespace nimbus::deploy
