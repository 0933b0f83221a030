#include "aws/ops/scheduler/schedule_groups.h"
#include "aws/ops/scheduler/tags.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nimbus::aws::scheduler {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

const std::string arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/shop-dev";
const std::string arn_path =
    "/tags/arn%3Aaws%3Ascheduler%3Aus-east-1%3A123456789012%3Aschedule-group%2Fshop-dev";

TEST(ScheduleGroups, AreMadeWithTheirTags)
{
    const auto request = CreateScheduleGroup{.name = "shop-dev",
                                             .tags = {{"nimbus:project", "shop"}},
                                             .client_token = "t"}
                             .encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/schedule-groups/shop-dev");
    EXPECT_EQ(request.body,
              R"({"Tags":[{"Key":"nimbus:project","Value":"shop"}],"ClientToken":"t"})");
    EXPECT_EQ(
        CreateScheduleGroup::decode({.body = R"({"ScheduleGroupArn":"arn:g"})"}).schedule_group_arn,
        "arn:g");
    EXPECT_TRUE(CreateScheduleGroup::info.is_idempotent());
    EXPECT_NE(CreateScheduleGroup{}.client_token, CreateScheduleGroup{}.client_token);
}

TEST(ScheduleGroups, SayWhetherTheyAreBeingDeleted)
{
    const auto request = GetScheduleGroup{.name = "g"}.encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/schedule-groups/g");
    const auto group = GetScheduleGroup::decode({.body = R"({"Arn":"arn:g","CreationDate":1.7E9,
                                              "LastModificationDate":1700000000.5,"Name":"g",
                                              "State":"DELETING"})"});
    EXPECT_EQ(group.arn, "arn:g");
    EXPECT_EQ(group.name, "g");
    EXPECT_EQ(group.state, "DELETING");
    EXPECT_EQ(group.creation_date, from_unix_milliseconds(1'700'000'000'000));
    EXPECT_EQ(group.last_modification_date, from_unix_milliseconds(1'700'000'000'500));
}

TEST(ScheduleGroups, AreDeletedByName)
{
    const auto request = DeleteScheduleGroup{.name = "g", .client_token = "t"}.encode();
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(request.path, "/schedule-groups/g");
    EXPECT_EQ(request.query, (Query{{"clientToken", "t"}}));
    EXPECT_THROW((DeleteScheduleGroup{}.encode()), std::invalid_argument);
}

TEST(ScheduleGroupTags, HaveTheEscapedArnInThePath)
{
    const auto tag = TagResource{.resource_arn = arn, .tags = {{"k", "v"}}}.encode();
    EXPECT_EQ(tag.method, "POST");
    EXPECT_EQ(tag.path, arn_path);
    EXPECT_EQ(tag.body, R"({"Tags":[{"Key":"k","Value":"v"}]})");

    const auto untag = UntagResource{.resource_arn = arn, .tag_keys = {"a", "b"}}.encode();
    EXPECT_EQ(untag.method, "DELETE");
    EXPECT_EQ(untag.path, arn_path);
    EXPECT_EQ(untag.query, (Query{{"TagKeys", "a"}, {"TagKeys", "b"}}));

    const auto list = ListTagsForResource{.resource_arn = arn}.encode();
    EXPECT_EQ(list.method, "GET");
    EXPECT_EQ(list.path, arn_path);
    EXPECT_EQ(ListTagsForResource::decode({.body = R"({"Tags":[{"Key":"k","Value":"v"}]})"}).tags,
              (Tags{{"k", "v"}}));
    EXPECT_TRUE(ListTagsForResource::decode({.body = "{}"}).tags.empty());
}

} // namespace
} // namespace nimbus::aws::scheduler
