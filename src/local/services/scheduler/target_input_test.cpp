#include "base/json.h"
#include "local/services/scheduler/target_input.h"

#include <gtest/gtest.h>

namespace nimbus::local::scheduler {
namespace {

Execution execution()
{
    return {.schedule_arn = "arn:aws:scheduler:us-east-1:123456789012:schedule/app-dev/cleanup",
            .account_id = "123456789012",
            .region = "us-east-1",
            .scheduled = *parse_iso8601("2027-03-22T18:59:43Z"),
            .id = "d32c5adcf5bb8c30",
            .attempt = 2};
}

TEST(TargetInput, HasTheContextAttributesFilledIn)
{
    EXPECT_EQ(target_input(R"({"arn":"<aws.scheduler.schedule-arn>",)"
                           R"("time":"<aws.scheduler.scheduled-time>",)"
                           R"("id":"<aws.scheduler.execution-id>",)"
                           R"("attempt":"<aws.scheduler.attempt-number>",)"
                           R"("again":["<aws.scheduler.scheduled-time>"]})",
                           execution()),
              R"({"arn":"arn:aws:scheduler:us-east-1:123456789012:schedule/app-dev/cleanup",)"
              R"("time":"2027-03-22T18:59:43Z",)"
              R"("id":"d32c5adcf5bb8c30",)"
              R"("attempt":"2",)"
              R"("again":["2027-03-22T18:59:43Z"]})");
}

TEST(TargetInput, WithoutAttributesStaysAsItIs)
{
    EXPECT_EQ(target_input(R"({"a": "<aws.scheduler.other>"})", execution()),
              R"({"a": "<aws.scheduler.other>"})");
    EXPECT_EQ(target_input("1", execution()), "1");
}

TEST(TargetInput, IsSchedulersOwnEventWhenTheTargetHasNone)
{
    auto event = parse_json(target_input(std::nullopt, execution()), "the event").as_object();
    EXPECT_EQ(string_or_empty(event, "id").size(), 36U);
    event.erase("id");
    EXPECT_EQ(event, (json::object{{"version", "0"},
                                   {"detail-type", "Scheduled Event"},
                                   {"source", "aws.scheduler"},
                                   {"account", "123456789012"},
                                   {"time", "2027-03-22T18:59:43Z"},
                                   {"region", "us-east-1"},
                                   {"resources", json::array{execution().schedule_arn}},
                                   {"detail", "{}"}}));
}

} // namespace
} // namespace nimbus::local::scheduler
