#include "core/serve.h"
#include "core/test_app.h"
#include "timer/event.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <nimbus/nimbus.hpp>

namespace nimbus::detail {
namespace {

const auto nothing = [] {};

constexpr std::string_view scheduled_event = R"({
    "version": "0", "id": "2a7ba5b5-9d4a-4bc2-9c27-d1d8d6f3ea6b",
    "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": "123456789012",
    "time": "2026-11-29T10:05:00Z", "region": "us-east-1",
    "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/demo-dev/cleanup"],
    "detail": {"by": "hand"}})";

TEST(Timers, AreDescribed)
{
    auto app = make_app();
    app.timer({.name = "cleanup", .schedule = "rate(5 minutes)"}, nothing);
    app.timer({.name = "report",
               .schedule = "cron(0 2 * * ? *)",
               .timezone = "Europe/Berlin",
               .description = "The report of the day",
               .enabled = false,
               .flexible_window = 15},
              nothing, {.memory_size = 512, .timeout = 300});

    const auto manifest = describe(app).manifest;

    EXPECT_EQ(manifest.at("timers"), parse_json_text(R"json([
        {"name": "cleanup", "schedule": "rate(5 minutes)", "enabled": true, "function": "cleanup"
},
        {"name": "report", "schedule": "cron(0 2 * * ? *)", "timezone": "Europe/Berlin",
         "description": "The report of the day", "enabled": false, "flexibleWindow": 15,
         "function": "report"}])json"));
    EXPECT_EQ(manifest.at("functions"), parse_json_text(R"([
        {"name": "cleanup", "memorySize": 256, "timeout": 30, "environment": {}},
        {"name": "report", "memorySize": 512, "timeout": 300, "environment": {}}])"));
}

TEST(Timers, AreDescribedWithTheirPlaces)
{
    auto app = make_app();
    const auto line = std::source_location::current().line() + 1;
    app.timer({.name = "cleanup", .schedule = "rate(5 minutes)"}, nothing);

    const auto places = describe(app).places;
    EXPECT_NE(places.at("timers[0]").as_string().find(":" + std::to_string(line) + ":"),
              json::string::npos);
    EXPECT_EQ(places.at("functions[0]"), places.at("timers[0]"));
}

TEST(Timers, HaveFunctionsWithNamesOfTheirOwn)
{
    auto app = make_app();
    app.api({.name = "web"}).route("GET", "/cleanup", [] { return no_content(); });
    app.timer({.name = "get-cleanup", .schedule = "rate(5 minutes)"}, nothing);
    EXPECT_EQ(describe(app).manifest.at("timers").at(0).at("function"), "get-cleanup-2");
}

TEST(Timers, ShareNoFunctions)
{
    auto app = make_app();
    app.timer({.name = "cleanup", .schedule = "rate(1 day)"}, [] {}, {.function = "users"});

    testing::internal::CaptureStderr();
    EXPECT_EQ(describe(app).exit_code, 1);
    EXPECT_NE(testing::internal::GetCapturedStderr().find(
                  "the timer cleanup cannot share the function users"),
              std::string::npos);
}

TEST(TimerEvent, HasWhatTheSchedulerSends)
{
    const auto payload = json::parse(scheduled_event).as_object();
    ASSERT_TRUE(is_timer_event(payload));
    const timer_event event(
        decode_timer_event(payload, {.request_id = "id-1", .trace_id = "Root=1"}));

    EXPECT_EQ(event.id(), "2a7ba5b5-9d4a-4bc2-9c27-d1d8d6f3ea6b");
    EXPECT_EQ(event.time(), timestamp::parse("2026-11-29T10:05:00Z"));
    EXPECT_EQ(event.source(), "aws.scheduler");
    EXPECT_EQ(event.detail_type(), "Scheduled Event");
    EXPECT_EQ(event.region(), "us-east-1");
    EXPECT_EQ(event.account(), "123456789012");
    EXPECT_EQ(event.resources(),
              (std::vector<std::string_view>{
                  "arn:aws:scheduler:us-east-1:123456789012:schedule/demo-dev/cleanup"}));
    EXPECT_EQ(event.detail().at("by"), "hand");
    EXPECT_EQ(event.invocation_id(), "id-1");
    EXPECT_EQ(event.trace_id(), "Root=1");
    EXPECT_GT(event.remaining_time(), std::chrono::hours{1});
    EXPECT_EQ(event.raw_event(), payload);
}

TEST(TimerEvent, IsOneByItsDetailType)
{
    EXPECT_FALSE(is_timer_event({}));
    EXPECT_FALSE(is_timer_event({{"detail-type", 7}}));
    EXPECT_FALSE(is_timer_event({{"detail-type", "EC2 Instance State-change Notification"}}));
    EXPECT_FALSE(is_timer_event({{"httpMethod", "GET"}}));
}

TEST(TimerEvent, NeedsATime)
{
    EXPECT_THROW(decode_timer_event({{"detail-type", "Scheduled Event"}}, {}), json_error);
    EXPECT_THROW(decode_timer_event({{"time", "soon"}}, {}), json_error);
}

/// Serves one scheduled event as `handler`'s function would.
template <class Handler>
InvocationOutcome serve_event(Handler handler)
{
    class App : public app {
    public:
        App() : app({.project_name = "demo", .region = "us-east-1"}) {}
        InvocationOutcome serve(std::string_view function, std::string_view event)
        {
            return handle_invocation(*application_, *application_->find_function(function),
                                     {{.request_id = "id-1"}, std::string(event)});
        }
    };
    App app;
    app.timer({.name = "cleanup", .schedule = "rate(5 minutes)"}, std::move(handler));
    return app.serve("cleanup", scheduled_event);
}

TEST(ServedTimer, RunsItsHandlerOnScheduledEvents)
{
    std::string seen;
    const auto outcome =
        serve_event([&seen](const timer_event& event) { seen = event.time().to_string(); });
    EXPECT_EQ(seen, "2026-11-29T10:05:00.000Z");
    EXPECT_TRUE(outcome.succeeded);
    EXPECT_EQ(outcome.payload, "null");
}

TEST(ServedTimer, AnswersWhatItsHandlerReturns)
{
    EXPECT_EQ(serve_event([] { return std::vector{1, 2}; }).payload, "[1,2]");
}

TEST(ServedTimer, FailsWhenItsHandlerThrows)
{
    testing::internal::CaptureStderr();
    const auto outcome = serve_event([] { throw std::runtime_error("no luck"); });
    const auto log = testing::internal::GetCapturedStderr();

    EXPECT_FALSE(outcome.succeeded);
    EXPECT_EQ(outcome.error_type, "std::runtime_error");
    EXPECT_NE(log.find(R"("requestId":"id-1","message":"no luck")"), std::string::npos) << log;
    EXPECT_NE(log.find(R"("timer":"cleanup")"), std::string::npos) << log;
}

TEST(InvokeTimer, RunsTheHandlerAsOfATime)
{
    auto app = make_app();
    app.timer({.name = "other", .schedule = "rate(1 hour)"}, nothing);
    app.timer({.name = "cleanup", .schedule = "rate(5 minutes)"}, [](const timer_event& event) {
        return to_json(event.time().to_string() + " " + std::string(event.resources().at(0)));
    });

    EXPECT_EQ(app.invoke_timer("cleanup", *timestamp::parse("2026-11-29T10:05:00Z")),
              "2026-11-29T10:05:00.000Z "
              "arn:aws:scheduler:us-east-1:123456789012:schedule/demo-dev/cleanup");
    EXPECT_EQ(app.invoke_timer("other"), nullptr);
    EXPECT_THROW(app.invoke_timer("nothing"), std::out_of_range);
}

TEST(InvokeTimer, ThrowsWhatTheHandlerThrows)
{
    auto app = make_app();
    app.timer({.name = "cleanup", .schedule = "rate(5 minutes)"},
              [] { throw std::runtime_error("no luck"); });
    EXPECT_THROW(app.invoke_timer("cleanup"), std::runtime_error);
}

} // namespace
} // namespace nimbus::detail
