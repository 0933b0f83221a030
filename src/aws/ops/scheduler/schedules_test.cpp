#include "aws/ops/scheduler/schedules.h"
#include "base/error.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nimbus::aws::scheduler {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

const auto start = from_unix_milliseconds(1'700'000'000'000);
const auto end = from_unix_milliseconds(1'800'000'000'000);

ScheduleSettings every_member()
{
    return {.schedule_expression = "cron(0 2 * * ? *)",
            .schedule_expression_timezone = "Europe/Berlin",
            .description = "d",
            .enabled = false,
            .flexible_window_in_minutes = 15,
            .start_date = start,
            .end_date = end,
            .action_after_completion = "DELETE",
            .kms_key_arn = "arn:kms",
            .target = {
                .arn = "arn:f",
                .role_arn = "arn:r",
                .input = R"({"id":"<aws.scheduler.execution-id>"})",
                .retry_policy = {.maximum_retry_attempts = 0, .maximum_event_age_in_seconds = 3600},
                .dead_letter_arn = "arn:q"}};
}

const std::string every_member_json =
    R"json("GroupName":"shop-dev","ScheduleExpression":"cron(0 2 * * ? *)",)json"
    R"json("ScheduleExpressionTimezone":"Europe/Berlin","Description":"d","State":"DISABLED",)json"
    R"json("FlexibleTimeWindow":{"Mode":"FLEXIBLE","MaximumWindowInMinutes":15},)json"
    R"json("StartDate":1700000000,"EndDate":1800000000,"ActionAfterCompletion":"DELETE",)json"
    R"json("KmsKeyArn":"arn:kms","Target":{"Arn":"arn:f","RoleArn":"arn:r",)json"
    R"json("RetryPolicy":{"MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":3600},)json"
    R"json("Input":"{\"id\":\"<aws.scheduler.execution-id>\"}",)json"
    R"json("DeadLetterConfig":{"Arn":"arn:q"}})json";

TEST(CreateSchedule, SendsEveryMember)
{
    const auto request = CreateSchedule{.name = "cleanup",
                                        .group_name = "shop-dev",
                                        .settings = every_member(),
                                        .client_token = "t"}
                             .encode();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/schedules/cleanup");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(request.body, "{" + every_member_json + R"(,"ClientToken":"t"})");
    EXPECT_EQ(CreateSchedule::decode({.body = R"({"ScheduleArn":"arn:s"})"}).schedule_arn, "arn:s");
}

TEST(CreateSchedule, LeavesOutWhatIsNotSet)
{
    const auto request =
        CreateSchedule{.name = "s",
                       .settings = {.schedule_expression = "rate(5 minutes)",
                                    .target = {.arn = "arn:f", .role_arn = "arn:r"}},
                       .client_token = "t"}
            .encode();
    EXPECT_EQ(
        request.body,
        R"json({"ScheduleExpression":"rate(5 minutes)","ScheduleExpressionTimezone":"UTC",)json"
        R"json("State":"ENABLED","FlexibleTimeWindow":{"Mode":"OFF"},)json"
        R"json("ActionAfterCompletion":"NONE","Target":{"Arn":"arn:f","RoleArn":"arn:r",)json"
        R"json("RetryPolicy":{"MaximumRetryAttempts":185,"MaximumEventAgeInSeconds":86400}},)json"
        R"json("ClientToken":"t"})json");
}

TEST(CreateSchedule, IsRepeatedWithTheSameToken)
{
    const CreateSchedule one{.name = "s"};
    const CreateSchedule other{.name = "s"};
    EXPECT_EQ(one.encode().body, one.encode().body);
    EXPECT_NE(one.encode().body, other.encode().body);
    EXPECT_TRUE(CreateSchedule::info.is_idempotent());
}

TEST(GetSchedule, GivesBackWhatWasSet)
{
    const auto request = GetSchedule{.name = "cleanup", .group_name = "shop-dev"}.encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/schedules/cleanup");
    EXPECT_EQ(request.query, (Query{{"groupName", "shop-dev"}}));
    const auto schedule =
        GetSchedule::decode({.body = R"({"Arn":"arn:s","Name":"cleanup","CreationDate":1.7E9,
                     "LastModificationDate":1700000000.5,)" +
                                     every_member_json + "}"});
    EXPECT_EQ(schedule.arn, "arn:s");
    EXPECT_EQ(schedule.name, "cleanup");
    EXPECT_EQ(schedule.group_name, "shop-dev");
    EXPECT_EQ(schedule.settings, every_member());
    EXPECT_EQ(schedule.creation_date, start);
    EXPECT_EQ(schedule.last_modification_date, from_unix_milliseconds(1'700'000'000'500));
}

TEST(GetSchedule, HasDefaultsForWhatIsLeftOut)
{
    const auto schedule = GetSchedule::decode(
        {.body = R"json({"Arn":"arn:s","Name":"s","GroupName":"default","State":"ENABLED",
                         "ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":{"Mode":"OFF"},
                         "Description":null,"StartDate":null,
                         "Target":{"Arn":"arn:f","RoleArn":"arn:r"}})json"});
    EXPECT_EQ(schedule.settings,
              (ScheduleSettings{.schedule_expression = "rate(1 day)",
                                .target = {.arn = "arn:f", .role_arn = "arn:r"}}));
}

TEST(UpdateSchedule, ReplacesEveryMember)
{
    const auto request = UpdateSchedule{.name = "cleanup",
                                        .group_name = "shop-dev",
                                        .settings = every_member(),
                                        .client_token = "t"}
                             .encode();
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.path, "/schedules/cleanup");
    EXPECT_EQ(request.body, "{" + every_member_json + R"(,"ClientToken":"t"})");
    EXPECT_EQ(UpdateSchedule::decode({.body = R"({"ScheduleArn":"arn:s"})"}).schedule_arn, "arn:s");
}

TEST(DeleteSchedule, HasGroupAndTokenInTheQuery)
{
    const auto request =
        DeleteSchedule{.name = "s", .group_name = "g", .client_token = "t"}.encode();
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(request.path, "/schedules/s");
    EXPECT_EQ(request.query, (Query{{"groupName", "g"}, {"clientToken", "t"}}));
    EXPECT_EQ(request.body, "");
}

TEST(ListSchedules, IsOfOneGroupAndHasPages)
{
    EXPECT_TRUE(ListSchedules{}.encode().query.empty());
    const auto request =
        ListSchedules{.group_name = "g", .name_prefix = "p", .max_results = 5, .next_token = "n"}
            .encode();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/schedules");
    EXPECT_EQ(
        request.query,
        (Query{
            {"ScheduleGroup", "g"}, {"NamePrefix", "p"}, {"MaxResults", "5"}, {"NextToken", "n"}}));
    const auto page = ListSchedules::decode(
        {.body = R"({"NextToken":"m","Schedules":[{"Arn":"arn:1","CreationDate":1.7E9,
                     "GroupName":"g","Name":"one","State":"DISABLED","Target":{"Arn":"arn:f"}},
                     {"Arn":"arn:2","Name":"two"}]})"});
    ASSERT_EQ(page.schedules.size(), 2U);
    EXPECT_EQ(page.schedules[0].arn, "arn:1");
    EXPECT_EQ(page.schedules[0].name, "one");
    EXPECT_EQ(page.schedules[0].group_name, "g");
    EXPECT_FALSE(page.schedules[0].enabled);
    EXPECT_EQ(page.schedules[0].target_arn, "arn:f");
    EXPECT_TRUE(page.schedules[1].enabled);
    EXPECT_EQ(page.next_token, "m");
}

TEST(Schedules, MustBeNamed)
{
    EXPECT_THROW((GetSchedule{}.encode()), std::invalid_argument) << "it would list the schedules";
    EXPECT_THROW((DeleteSchedule{}.encode()), std::invalid_argument);
}

} // namespace
} // namespace nimbus::aws::scheduler
