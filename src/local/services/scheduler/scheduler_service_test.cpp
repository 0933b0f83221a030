#include "local/services/scheduler/scheduler_service.h"
#include "local/services/scheduler/test_scheduler.h"
#include "local/services/test_calls.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace nimbus::local::scheduler {
namespace {

using namespace testing_calls;
using testing::ElementsAre;
using testing::HasSubstr;

class SchedulerService : public SchedulerTest {
protected:
    http::Response call(const std::string& method, const std::string& target,
                        const json::object& body = {})
    {
        return send_json(service_, method, target, body.empty() ? "" : json::serialize(body));
    }

    static json::object request()
    {
        return {{"ScheduleExpression", "rate(5 minutes)"},
                {"FlexibleTimeWindow", json::object{{"Mode", "OFF"}}},
                {"Target", json::object{{"Arn", function_arn}, {"RoleArn", role_arn}}}};
    }

    static json::object with(std::string_view member, json::value value)
    {
        auto body = request();
        body[member] = std::move(value);
        return body;
    }

    static json::object with_target(std::string_view member, json::value value)
    {
        auto body = request();
        body["Target"].as_object()[member] = std::move(value);
        return body;
    }

    /// The error's code and message, "" when there is none.
    std::string refusal(const json::object& body)
    {
        const auto answer = call("POST", "/schedules/x", body);
        if (answer.status == 200)
            return {};
        const auto error = body_of(answer);
        return error_of(answer) + ": " + string_or_empty(error, "Message") +
               string_or_empty(error, "message"); // the latter where a member has a wrong type
    }

    static std::vector<std::string> names(const http::Response& answer, std::string_view list)
    {
        std::vector<std::string> found;
        const auto body = body_of(answer);
        for (const auto& item : body.at(list).as_array())
            found.push_back(string_or_empty(item.as_object(), "Name"));
        return found;
    }

    ClientTokens tokens_{database_, [this] { return now_; }};
    Service service_ = make_scheduler_service(
        {.store = store_, .tokens = tokens_, .engine = engine_, .access = access_, .clock = [this] {
             return now_;
         }});
};

TEST_F(SchedulerService, AScheduleIsDescribedWithItsDefaults)
{
    const auto created = call("POST", "/schedules/cleanup", request());
    EXPECT_EQ(created.status, 200);
    const auto arn = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/cleanup";
    EXPECT_EQ(body_of(created), (json::object{{"ScheduleArn", arn}}));
    EXPECT_EQ(
        body_of(call("GET", "/schedules/cleanup")),
        (json::object{{"Arn", arn},
                      {"Name", "cleanup"},
                      {"GroupName", "default"},
                      {"ScheduleExpression", "rate(5 minutes)"},
                      {"ScheduleExpressionTimezone", "UTC"},
                      {"State", "ENABLED"},
                      {"FlexibleTimeWindow", json::object{{"Mode", "OFF"}}},
                      {"ActionAfterCompletion", "NONE"},
                      {"Target", json::object{{"Arn", function_arn},
                                              {"RoleArn", role_arn},
                                              {"RetryPolicy",
                                               json::object{{"MaximumEventAgeInSeconds", 86'400},
                                                            {"MaximumRetryAttempts", 185}}}}},
                      {"CreationDate", 1'801'396'800.0},
                      {"LastModificationDate", 1'801'396'800.0}}));
}

TEST_F(SchedulerService, AScheduleKeepsWhatItWasGiven)
{
    const json::object given{
        {"Description", "Removes what is old"},
        {"ScheduleExpression", "cron(0 2 * * ? *)"},
        {"ScheduleExpressionTimezone", "Europe/Berlin"},
        {"StartDate", 1'801'396'900.5},
        {"EndDate", 1'901'396'900.0},
        {"State", "DISABLED"},
        {"FlexibleTimeWindow", json::object{{"Mode", "FLEXIBLE"}, {"MaximumWindowInMinutes", 15}}},
        {"ActionAfterCompletion", "DELETE"},
        {"Target", json::object{{"Arn", function_arn},
                                {"RoleArn", role_arn},
                                {"Input", R"({"time":"<aws.scheduler.scheduled-time>"})"},
                                {"RetryPolicy", json::object{{"MaximumEventAgeInSeconds", 60},
                                                             {"MaximumRetryAttempts", 0}}}}}};
    EXPECT_EQ(call("POST", "/schedules/cleanup", given).status, 200);
    const auto got = body_of(call("GET", "/schedules/cleanup"));
    for (const auto& [name, value] : given)
        EXPECT_EQ(got.at(name), value) << name;
}

TEST_F(SchedulerService, AnUpdateSetsWhatItLeavesOutToItsDefault)
{
    call("POST", "/schedules/cleanup", with("Description", "first"));
    now_ += std::chrono::minutes(1);
    const auto body = with("ScheduleExpression", "rate(1 hour)");
    EXPECT_EQ(call("PUT", "/schedules/cleanup", body).status, 200);
    const auto got = body_of(call("GET", "/schedules/cleanup"));
    EXPECT_EQ(got.at("ScheduleExpression"), "rate(1 hour)");
    EXPECT_FALSE(got.contains("Description"));
    EXPECT_EQ(got.at("LastModificationDate").as_double() - got.at("CreationDate").as_double(), 60);
    EXPECT_EQ(error_of(call("PUT", "/schedules/other", body)), "404 ResourceNotFoundException");
}

TEST_F(SchedulerService, WhatIsThereConflictsAndWhatIsNotIsNotFound)
{
    EXPECT_EQ(call("POST", "/schedules/x", request()).status, 200);
    EXPECT_EQ(refusal(request()), "409 ConflictException: Schedule x already exists.");
    EXPECT_EQ(call("DELETE", "/schedules/x").status, 200);
    EXPECT_EQ(error_of(call("DELETE", "/schedules/x")), "404 ResourceNotFoundException");
    const auto missing = call("GET", "/schedules/x");
    EXPECT_EQ(error_of(missing), "404 ResourceNotFoundException");
    EXPECT_EQ(body_of(missing), (json::object{{"Message", "Schedule x does not exist."}}));
    EXPECT_EQ(refusal(with("GroupName", "none")),
              "404 ResourceNotFoundException: Schedule group none does not exist.");
}

TEST_F(SchedulerService, BadInputIsRefusedWithASentence)
{
    const auto validation_error = HasSubstr("400 ValidationException: ");
    const auto expression = refusal(with("ScheduleExpression", "cron(0 25 * * ? *)"));
    EXPECT_EQ(expression,
              "400 ValidationException: Invalid Schedule Expression cron(0 25 * * ? *). "
              "cron(0 25 * * ? *): the hours field is '25'; hours are 0 to 23.");
    EXPECT_THAT(refusal(with("ScheduleExpressionTimezone", "Europe/Berln")),
                HasSubstr("did you mean 'Europe/Berlin'?"));
    EXPECT_THAT(refusal(with("ScheduleExpression", nullptr)), validation_error);
    EXPECT_THAT(refusal(with("ScheduleExpression", 5)), validation_error);
    EXPECT_THAT(refusal(with("Description", json::string(513, 'x'))), validation_error);
    EXPECT_THAT(refusal(with("State", "ON")), HasSubstr("[ENABLED, DISABLED]"));
    EXPECT_THAT(refusal(with("ActionAfterCompletion", "KEEP")), HasSubstr("[NONE, DELETE]"));
    EXPECT_THAT(refusal(with("Target", nullptr)), validation_error);
    EXPECT_THAT(refusal(with("FlexibleTimeWindow", nullptr)), validation_error);
    EXPECT_THAT(refusal(with("FlexibleTimeWindow", json::object{{"Mode", "FLEXIBLE"}})),
                HasSubstr("say MaximumWindowInMinutes"));
    EXPECT_THAT(refusal(with("FlexibleTimeWindow",
                             json::object{{"Mode", "OFF"}, {"MaximumWindowInMinutes", 5}})),
                HasSubstr("leave out MaximumWindowInMinutes"));
    EXPECT_THAT(refusal(with("FlexibleTimeWindow",
                             json::object{{"Mode", "FLEXIBLE"}, {"MaximumWindowInMinutes", 1441}})),
                HasSubstr("less than or equal to 1440"));
    EXPECT_THAT(refusal(with("GroupName", "a b")), HasSubstr("'groupName'"));
    EXPECT_THAT(refusal(with("ClientToken", "a b")), HasSubstr("'clientToken'"));
    EXPECT_THAT(error_of(call("POST", "/schedules/a%20b", request())), "400 ValidationException");
    EXPECT_THAT(error_of(call("POST", "/schedules/" + std::string(65, 'a'), request())),
                "400 ValidationException");
}

TEST_F(SchedulerService, DatesAreCheckedAgainstTheClock)
{
    const auto now = to_unix_seconds(now_);
    EXPECT_EQ(refusal(with("StartDate", now - 301)),
              "400 ValidationException: The StartDate you specify cannot be earlier than 5 minutes "
              "ago.");
    EXPECT_THAT(refusal(with("EndDate", now - 1)), HasSubstr("The EndDate you specify"));
    auto ends_before = with("StartDate", now + 100);
    ends_before["EndDate"] = now + 99;
    EXPECT_THAT(refusal(ends_before), HasSubstr("The EndDate you specify"));
    EXPECT_THAT(refusal(with("StartDate", "tomorrow")), HasSubstr("timestamp"));
    EXPECT_THAT(refusal(with("StartDate", 1e300)), HasSubstr("timestamp"));
    EXPECT_EQ(refusal(with("StartDate", now - 299)), "");
}

TEST_F(SchedulerService, TargetsAreLambdaFunctionsOfTheRegion)
{
    EXPECT_EQ(refusal(with_target("Arn", "arn:aws:sqs:us-east-1:123456789012:queue")),
              "400 ValidationException: The target 'arn:aws:sqs:us-east-1:123456789012:queue' is "
              "not a Lambda function, and the local cloud invokes nothing else on a schedule.");
    EXPECT_THAT(refusal(with_target("Arn", "arn:aws:scheduler:::aws-sdk:lambda:invoke")),
                HasSubstr("is not a Lambda function"));
    EXPECT_THAT(refusal(with_target("Arn", "arn:aws:lambda:eu-west-1:123456789012:function:fn")),
                HasSubstr("in one Region"));
    EXPECT_THAT(refusal(with_target("Arn", "fn")), HasSubstr("is not an ARN"));
    EXPECT_THAT(refusal(with_target("Input", "{")), HasSubstr("is not valid JSON"));
    EXPECT_THAT(refusal(with_target("SqsParameters", json::object{})), HasSubstr("leave it out"));
    EXPECT_THAT(refusal(with_target("DeadLetterConfig", json::object{{"Arn", "x"}})),
                HasSubstr("no SQS queues"));
    EXPECT_THAT(refusal(with_target("RetryPolicy", json::object{{"MaximumRetryAttempts", 186}})),
                HasSubstr("less than or equal to 185"));
}

TEST_F(SchedulerService, TheRoleHasToTrustScheduler)
{
    const auto sentence = "400 ValidationException: The execution role you provide must allow AWS "
                          "EventBridge Scheduler to assume the role.";
    EXPECT_EQ(refusal(with_target("RoleArn", "arn:aws:iam::123456789012:role/nobody")), sentence);
    EXPECT_THAT(refusal(with_target("RoleArn", "nobody")), HasSubstr("regular expression"));
    put_role("lambda.amazonaws.com");
    EXPECT_EQ(refusal(request()), sentence);
}

TEST_F(SchedulerService, ARequestThatIsSentAgainWithItsTokenIsAnsweredAgain)
{
    const auto first = with("ClientToken", "t-1");
    EXPECT_EQ(call("POST", "/schedules/x", first).status, 200);
    EXPECT_EQ(call("POST", "/schedules/x", first).status, 200);
    auto other = with("ClientToken", "t-1");
    other["Description"] = "other";
    EXPECT_EQ(error_of(call("POST", "/schedules/x", other)), "409 ConflictException");
    EXPECT_EQ(call("DELETE", "/schedules/x?clientToken=t-2").status, 200);
    EXPECT_EQ(call("DELETE", "/schedules/x?clientToken=t-2").status, 200);
    EXPECT_EQ(error_of(call("DELETE", "/schedules/x?clientToken=t-3")),
              "404 ResourceNotFoundException");
}

TEST_F(SchedulerService, SchedulesAreListedByGroupAndNameInPages)
{
    call("POST", "/schedule-groups/app");
    for (const auto* name : {"b", "a", "c"})
        call("POST", std::string("/schedules/") + name, request());
    call("POST", "/schedules/a", with("GroupName", "app"));
    auto disabled = with("GroupName", "app");
    disabled["State"] = "DISABLED";
    call("POST", "/schedules/off", disabled);

    EXPECT_THAT(names(call("GET", "/schedules"), "Schedules"),
                ElementsAre("a", "off", "a", "b", "c"));
    EXPECT_THAT(names(call("GET", "/schedules?ScheduleGroup=default"), "Schedules"),
                ElementsAre("a", "b", "c"));
    EXPECT_THAT(names(call("GET", "/schedules?NamePrefix=o"), "Schedules"), ElementsAre("off"));
    EXPECT_THAT(names(call("GET", "/schedules?State=DISABLED"), "Schedules"), ElementsAre("off"));
    EXPECT_EQ(error_of(call("GET", "/schedules?ScheduleGroup=none")),
              "404 ResourceNotFoundException");
    EXPECT_EQ(error_of(call("GET", "/schedules?State=ON")), "400 ValidationException");
    EXPECT_EQ(error_of(call("GET", "/schedules?MaxResults=101")), "400 ValidationException");

    const auto first = call("GET", "/schedules?MaxResults=2");
    EXPECT_THAT(names(first, "Schedules"), ElementsAre("a", "off"));
    const auto rest = call("GET", "/schedules?MaxResults=3&NextToken=" +
                                      string_or_empty(body_of(first), "NextToken"));
    EXPECT_THAT(names(rest, "Schedules"), ElementsAre("a", "b", "c"));
    EXPECT_FALSE(body_of(rest).contains("NextToken"));
}

TEST_F(SchedulerService, GroupsAreMadeListedAndDeletedWithTheirSchedules)
{
    const json::object tags{
        {"Tags", json::array{json::object{{"Key", "nimbus:project"}, {"Value", "demo"}}}}};
    const auto arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/app";
    EXPECT_EQ(body_of(call("POST", "/schedule-groups/app", tags)),
              (json::object{{"ScheduleGroupArn", arn}}));
    EXPECT_EQ(error_of(call("POST", "/schedule-groups/app")), "409 ConflictException");
    EXPECT_THAT(names(call("GET", "/schedule-groups"), "ScheduleGroups"),
                ElementsAre("app", "default"));
    EXPECT_THAT(names(call("GET", "/schedule-groups?NamePrefix=d"), "ScheduleGroups"),
                ElementsAre("default"));
    EXPECT_EQ(body_of(call("GET", "/schedule-groups/app")).at("State"), "ACTIVE");

    call("POST", "/schedules/x", with("GroupName", "app"));
    EXPECT_EQ(call("DELETE", "/schedule-groups/app").status, 200);
    EXPECT_EQ(body_of(call("GET", "/schedule-groups/app")).at("State"), "DELETING");
    EXPECT_EQ(refusal(with("GroupName", "app")),
              "409 ConflictException: Schedule group app is being deleted.");
    EXPECT_EQ(error_of(call("POST", "/schedule-groups/app")), "409 ConflictException");
    engine_.run_due();
    EXPECT_EQ(error_of(call("GET", "/schedule-groups/app")), "404 ResourceNotFoundException");
    EXPECT_EQ(error_of(call("GET", "/schedules/x?groupName=app")), "404 ResourceNotFoundException");
    EXPECT_EQ(invoker_.attempts, 0) << "a schedule of a deleted group fired";
}

TEST_F(SchedulerService, EveryRegionHasADefaultGroupThatStays)
{
    EXPECT_EQ(body_of(call("GET", "/schedule-groups/default")).at("State"), "ACTIVE");
    EXPECT_EQ(error_of(call("POST", "/schedule-groups/default")), "409 ConflictException");
    EXPECT_EQ(error_of(call("DELETE", "/schedule-groups/default")), "400 ValidationException");
}

TEST_F(SchedulerService, GroupsHaveTags)
{
    call("POST", "/schedule-groups/app");
    const std::string path =
        "/tags/arn%3Aaws%3Ascheduler%3Aus-east-1%3A123456789012%3Aschedule-group%2Fapp";
    const json::object tags{{"Tags", json::array{json::object{{"Key", "a"}, {"Value", "1"}},
                                                 json::object{{"Key", "b"}, {"Value", "2"}}}}};
    EXPECT_EQ(call("POST", path, tags).status, 200);
    EXPECT_EQ(call("DELETE", path + "?TagKeys=a").status, 200);
    EXPECT_EQ(body_of(call("GET", path)),
              (json::object{{"Tags", json::array{json::object{{"Key", "b"}, {"Value", "2"}}}}}));
    EXPECT_EQ(error_of(call("GET", "/tags/arn%3Aaws%3Ascheduler%3Aus-east-1%3A123456789012%3A"
                                   "schedule%2Fdefault%2Fx")),
              "400 ValidationException");
    EXPECT_EQ(error_of(call("GET", path + "2")), "404 ResourceNotFoundException");
    const json::object reserved{
        {"Tags", json::array{json::object{{"Key", "aws:x"}, {"Value", "1"}}}}};
    EXPECT_EQ(error_of(call("POST", path, reserved)), "400 ValidationException");
}

} // namespace
} // namespace nimbus::local::scheduler
