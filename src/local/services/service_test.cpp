#include "local/services/service.h"

#include <gtest/gtest.h>

namespace nimbus::local {
namespace {

/// Without what depends on the connection.
ConditionContext tags_in(const Call& call)
{
    auto context = condition_context(call);
    for (const auto* key : {"aws:SourceIp", "aws:RequestedRegion", "aws:UserAgent"})
        context.erase(key);
    return context;
}

const ConditionContext both{{"aws:RequestTag/stage", "dev"},
                            {"aws:RequestTag/team", "web"},
                            {"aws:TagKeys", "stage\nteam"}};

TEST(ConditionContext, HasTheTagsOfARequestInEachServicesForm)
{
    const json::object map{{"stage", "dev"}, {"team", "web"}};
    EXPECT_EQ(tags_in({.input = {{"tags", map}}}), both);
    EXPECT_EQ(tags_in({.input = {{"Tags", map}}}), both);
    const json::array list{json::object{{"Key", "stage"}, {"Value", "dev"}},
                           json::object{{"Key", "team"}, {"Value", "web"}}};
    EXPECT_EQ(tags_in({.input = {{"Tags", list}}}), both);
    EXPECT_EQ(tags_in({.form = {{"Tags.member.1.Key", "stage"},
                                {"Tags.member.1.Value", "dev"},
                                {"Tags.member.2.Key", "team"},
                                {"Tags.member.2.Value", "web"}}}),
              both);
}

TEST(ConditionContext, HasTheKeysOfTagsThatARequestTakesAway)
{
    const ConditionContext keys{{"aws:TagKeys", "stage\nteam"}};
    EXPECT_EQ(tags_in({.query = {{"tagKeys", "stage"}, {"tagKeys", "team"}}}), keys);
    EXPECT_EQ(tags_in({.query = {{"TagKeys", "stage"}, {"TagKeys", "team"}}}), keys);
    EXPECT_EQ(tags_in({.input = {{"tagKeys", json::array{"stage", "team"}}}}), keys);
    EXPECT_EQ(tags_in({.input = {{"TagKeys", json::array{"stage", "team"}}}}), keys);
    EXPECT_EQ(tags_in({.input = {{"tags", json::array{"stage", "team"}}}}), keys);
    EXPECT_EQ(tags_in({.form = {{"TagKeys.member.1", "stage"}, {"TagKeys.member.2", "team"}}}),
              keys);
}

TEST(ConditionContext, SaysNothingOfTagsThatAreNone)
{
    EXPECT_EQ(tags_in({}), ConditionContext{});
    EXPECT_EQ(tags_in({.input = {{"tags", 5}, {"Tags", json::array{5}}, {"TagKeys", nullptr}}}),
              ConditionContext{});
}

} // namespace
} // namespace nimbus::local
