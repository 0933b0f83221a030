#include "local/services/scheduler/test_scheduler.h"

#include <gmock/gmock.h>

#include <future>

namespace nimbus::local::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SchedulerEngine : public SchedulerTest {
protected:
    static Settings settings(const std::string& expression)
    {
        return {.expression = expression,
                .target = {.arn = function_arn,
                           .role_arn = role_arn,
                           .input = "\"<aws.scheduler.scheduled-time>\""}};
    }

    void create(const Settings& settings, const std::string& name = "timer")
    {
        const ScheduleId id{"us-east-1", "default", name};
        static_cast<void>(store_.find_group(id.region, id.group, now_));
        store_.put(ScheduleRecord::create(id, settings, now_));
    }

    std::optional<ScheduleRecord> schedule()
    {
        return store_.find({"us-east-1", "default", "timer"});
    }
};

TEST_F(SchedulerEngine, CronFiresAtEachOfItsMoments)
{
    create(settings("cron(5,10 12 * * ? *)"));
    EXPECT_EQ(engine_.run_due(), parse_iso8601("2027-01-31T12:05:00Z"));
    EXPECT_THAT(fired(), IsEmpty());
    set_clock("2027-01-31T12:05:00Z");
    EXPECT_THAT(fired(), ElementsAre("12:05"));
    EXPECT_THAT(fired(), IsEmpty());
    set_clock("2027-01-31T12:10:01Z");
    EXPECT_THAT(fired(), ElementsAre("12:10"));
    EXPECT_EQ(engine_.run_due(), parse_iso8601("2027-02-01T12:05:00Z"));
}

TEST_F(SchedulerEngine, RateFiresAtOnceAndThenInItsRhythm)
{
    set_clock("2027-01-31T12:00:20.5Z");
    create(settings("rate(5 minutes)"));
    EXPECT_THAT(fired(), ElementsAre("12:00"));
    set_clock("2027-01-31T12:05:19Z");
    EXPECT_THAT(fired(), IsEmpty());
    set_clock("2027-01-31T12:05:20Z");
    EXPECT_THAT(fired(), ElementsAre("12:05"));
}

TEST_F(SchedulerEngine, AtFiresOnceInItsTimeZone)
{
    auto once = settings("at(2027-01-31T14:00:00)");
    once.time_zone = "Europe/Berlin";
    create(once);
    set_clock("2027-01-31T13:00:00Z");
    EXPECT_THAT(fired(), ElementsAre("13:00"));
    set_clock("2027-02-28T13:00:00Z");
    EXPECT_THAT(fired(), IsEmpty());
    EXPECT_TRUE(schedule());
}

TEST_F(SchedulerEngine, AtInThePastDoesNotFire)
{
    create(settings("at(2027-01-31T11:59:59)"));
    EXPECT_THAT(fired(), IsEmpty());
    EXPECT_EQ(engine_.run_due(), std::nullopt);
}

TEST_F(SchedulerEngine, MomentsThatWereMissedMakeOneFiringForTheLast)
{
    create(settings("cron(0/1 * * * ? *)"));
    set_clock("2027-03-01T08:30:30Z"); // the machine slept for a month
    EXPECT_THAT(fired(), ElementsAre("08:30"));
    EXPECT_EQ(engine_.run_due(), parse_iso8601("2027-03-01T08:31:00Z"));
}

TEST_F(SchedulerEngine, AClockThatIsSetBackDoesNotFireAgain)
{
    create(settings("cron(0/1 * * * ? *)"));
    set_clock("2027-01-31T12:30:00Z");
    EXPECT_THAT(fired(), ElementsAre("12:30"));
    set_clock("2027-01-31T12:10:00Z");
    EXPECT_THAT(fired(), IsEmpty());
    set_clock("2027-01-31T12:31:00Z");
    EXPECT_THAT(fired(), ElementsAre("12:31"));
}

TEST_F(SchedulerEngine, AfterARestartOneFiringAScheduleIsMadeUpFor)
{
    invoker_.refusal = "no";
    create(settings("cron(0/10 * * * ? *)"));
    create(settings("at(2027-01-31T12:30:00)"), "once");
    for (const auto* time : {"2027-01-31T12:10:00Z", "2027-01-31T12:20:00Z"}) {
        set_clock(time); // two firings, which are tried again
        engine_.run_due();
    }
    invoker_.refusal.clear();

    set_clock("2027-01-31T15:00:00Z");
    Engine restarted(store_, access_, invoker_, engine_options());
    restarted.collapse_missed();
    restarted.run_due();
    std::vector<std::string> times;
    for (const auto& invocation : invoker_.invocations)
        times.push_back(invocation.payload.substr(12, 5));
    EXPECT_THAT(times, ElementsAre("12:30", "15:00"));
}

TEST_F(SchedulerEngine, NoMomentIsEarlierThanStartDateOrLaterThanEndDate)
{
    auto between = settings("cron(0/10 * * * ? *)");
    between.start = parse_iso8601("2027-01-31T12:15:00Z");
    between.end = parse_iso8601("2027-01-31T12:30:00Z");
    create(between);
    EXPECT_EQ(engine_.run_due(), parse_iso8601("2027-01-31T12:20:00Z"));
    set_clock("2027-01-31T12:20:00Z");
    EXPECT_THAT(fired(), ElementsAre("12:20"));
    set_clock("2027-01-31T18:00:00Z");
    EXPECT_THAT(fired(), ElementsAre("12:30"));
    EXPECT_EQ(engine_.run_due(), std::nullopt);
}

TEST_F(SchedulerEngine, RateIsCountedFromItsStartDate)
{
    auto rate = settings("rate(7 minutes)");
    rate.start = parse_iso8601("2027-01-31T12:03:00Z");
    create(rate);
    EXPECT_EQ(engine_.run_due(), rate.start);
    set_clock("2027-01-31T12:10:00Z");
    EXPECT_THAT(fired(), ElementsAre("12:10"));
}

TEST_F(SchedulerEngine, AtHasNeitherStartDateNorEndDate)
{
    auto once = settings("at(2027-01-31T12:10:00)");
    once.start = parse_iso8601("2027-01-31T13:00:00Z");
    once.end = parse_iso8601("2027-01-31T12:01:00Z");
    create(once);
    set_clock("2027-01-31T12:10:00Z");
    EXPECT_THAT(fired(), ElementsAre("12:10"));
}

TEST_F(SchedulerEngine, ADisabledScheduleDoesNotFire)
{
    auto disabled = settings("rate(1 minute)");
    disabled.is_enabled = false;
    create(disabled);
    set_clock("2027-01-31T13:00:00Z");
    EXPECT_THAT(fired(), IsEmpty());
    EXPECT_EQ(engine_.run_due(), std::nullopt);
}

TEST_F(SchedulerEngine, AFlexibleWindowFiresAtAMomentInsideOfIt)
{
    auto flexible = settings("cron(0 13 * * ? *)");
    flexible.window = 15min;
    create(flexible);
    in_window_ = 10min;
    set_clock("2027-01-31T13:00:00Z");
    EXPECT_THAT(fired(), IsEmpty());
    EXPECT_EQ(engine_.run_due(), parse_iso8601("2027-01-31T13:10:00Z"));
    set_clock("2027-01-31T13:10:00Z");
    EXPECT_THAT(fired(), ElementsAre("13:00"));
}

TEST_F(SchedulerEngine, WindowsThatOverlapFireEachOnce)
{
    auto flexible = settings("cron(0/5 * * * ? *)");
    flexible.window = 15min;
    create(flexible);
    in_window_ = 12min;
    std::vector<std::string> times;
    for (int minute = 0; minute <= 30; ++minute) {
        now_ += 1min;
        for (auto& time : fired())
            times.push_back(time);
    }
    EXPECT_THAT(times, ElementsAre("12:00", "12:05", "12:10", "12:15"));
}

TEST_F(SchedulerEngine, TheChosenMomentIsInsideTheWindow)
{
    auto options = engine_options();
    options.choose_in_window = nullptr; // as in the product
    Engine engine(store_, access_, invoker_, options);
    auto flexible = settings("rate(1 hour)");
    flexible.window = 1min;
    create(flexible);
    for (int hour = 0; hour < 20; ++hour, now_ += 1h) {
        engine.run_due();
        for (const auto& firing : store_.due_firings(now_ + 1h)) {
            EXPECT_GE(firing.due, firing.scheduled);
            EXPECT_LT(firing.due, firing.scheduled + 1min);
        }
    }
    engine.run_due();
    EXPECT_GE(invoker_.invocations.size(), 20U);
}

TEST_F(SchedulerEngine, ItInvokesWithTheRolesPermissions)
{
    create(settings("rate(1 minute)"));
    engine_.run_due();
    ASSERT_EQ(invoker_.invocations.size(), 1U);
    EXPECT_THAT(invoker_.invocations[0].caller,
                HasSubstr("arn:aws:sts::123456789012:assumed-role/timers/"));
}

TEST_F(SchedulerEngine, TheTrustPolicyMayTestAccountAndGroup)
{
    create(settings("cron(0/1 * * * ? *)"));
    put_role("scheduler.amazonaws.com",
             R"({"StringEquals":{"aws:SourceAccount":"123456789012","aws:SourceArn":)"
             R"("arn:aws:scheduler:us-east-1:123456789012:schedule-group/default"}})");
    now_ += 1min;
    EXPECT_THAT(fired(), ElementsAre("12:01"));
    put_role("scheduler.amazonaws.com", R"({"StringEquals":{"aws:SourceAccount":"1"}})");
    now_ += 1min;
    EXPECT_THAT(fired(), IsEmpty());
}

TEST_F(SchedulerEngine, ARoleThatDoesNotTrustSchedulerIsToldInTheLog)
{
    put_role("lambda.amazonaws.com");
    create(settings("rate(1 hour)"));
    EXPECT_THAT(fired(), IsEmpty());
    EXPECT_EQ(invoker_.attempts, 0);
    EXPECT_THAT(log_.lines(),
                ElementsAre(HasSubstr("message=\"A schedule cannot invoke its target, and tries "
                                      "again\" schedule=default/timer target=" +
                                      function_arn + " attempt=1 reason=\"The role " + role_arn +
                                      " does not trust scheduler.amazonaws.com.\"")));
    put_role("scheduler.amazonaws.com");
    now_ += 1s;
    EXPECT_THAT(fired(), ElementsAre("12:00"));
}

TEST_F(SchedulerEngine, WhatTheTargetRefusesIsTriedAgainAsTheRetryPolicySays)
{
    invoker_.refusal = "Rate Exceeded.";
    auto twice = settings("at(2027-01-31T12:01:00)");
    twice.target.retry_policy.maximum_retry_attempts = 2;
    twice.target.input = "\"<aws.scheduler.attempt-number>\"";
    create(twice);
    now_ += 1min;
    engine_.run_due();
    EXPECT_EQ(invoker_.attempts, 1);
    now_ += 1s;
    engine_.run_due();
    EXPECT_EQ(invoker_.attempts, 2);
    now_ += 1s;
    engine_.run_due();
    EXPECT_EQ(invoker_.attempts, 2) << "the pause doubles";
    invoker_.refusal.clear();
    now_ += 1s;
    engine_.run_due();
    ASSERT_EQ(invoker_.invocations.size(), 1U);
    EXPECT_EQ(invoker_.invocations[0].payload, "\"3\"");
}

TEST_F(SchedulerEngine, AfterTheLastAttemptItGivesUpAndSaysSo)
{
    invoker_.refusal = "Rate Exceeded.";
    auto once = settings("at(2027-01-31T12:01:00)");
    once.target.retry_policy.maximum_retry_attempts = 0;
    create(once);
    now_ += 1min;
    engine_.run_due();
    EXPECT_EQ(engine_.run_due(), std::nullopt);
    EXPECT_THAT(log_.lines(),
                ElementsAre(HasSubstr("message=\"A schedule gave up invoking its target\" "
                                      "schedule=default/timer target=" +
                                      function_arn + " attempt=1 reason=\"Rate Exceeded.\"")));
}

TEST_F(SchedulerEngine, AnEventThatIsTooOldIsGivenUp)
{
    invoker_.refusal = "Rate Exceeded.";
    auto once = settings("at(2027-01-31T12:01:00)");
    once.target.retry_policy.maximum_event_age = 60s;
    create(once);
    now_ += 1min;
    for (int second = 0; second < 100; ++second, now_ += 1s)
        engine_.run_due();
    EXPECT_EQ(invoker_.attempts, 6); // after 0, 1, 3, 7, 15 and 31 seconds; 63 is too late
    EXPECT_THAT(log_.last(), HasSubstr("gave up invoking"));
}

TEST_F(SchedulerEngine, DeletesAScheduleAfterCompletionWhenAsked)
{
    auto once = settings("at(2027-01-31T12:01:00)");
    once.is_deleted_after_completion = true;
    create(once);
    engine_.run_due();
    EXPECT_TRUE(schedule());
    now_ += 1min;
    EXPECT_THAT(fired(), ElementsAre("12:01"));
    EXPECT_FALSE(schedule());
}

TEST_F(SchedulerEngine, ARecurringScheduleIsCompletedAfterItsEndDate)
{
    auto ends = settings("rate(1 minute)");
    ends.end = now_ + 90s;
    ends.is_deleted_after_completion = true;
    create(ends);
    EXPECT_THAT(fired(), ElementsAre("12:00"));
    EXPECT_TRUE(schedule());
    now_ += 1min;
    EXPECT_THAT(fired(), ElementsAre("12:01"));
    EXPECT_FALSE(schedule());
}

TEST_F(SchedulerEngine, AnUpdateThatSaysOtherMomentsBeginsAnew)
{
    create(settings("rate(10 minutes)"));
    EXPECT_THAT(fired(), ElementsAre("12:00"));
    now_ += 1min;

    auto changed = *schedule();
    auto other = settings("rate(10 minutes)");
    other.description = "the same moments";
    changed.update(other, now_);
    store_.put(changed);
    EXPECT_EQ(engine_.run_due(), parse_iso8601("2027-01-31T12:10:00Z"));

    changed.update(settings("rate(3 minutes)"), now_);
    store_.put(changed);
    EXPECT_THAT(fired(), ElementsAre("12:01"));
}

TEST_F(SchedulerEngine, ADeletedScheduleTakesItsFiringsAlong)
{
    auto flexible = settings("rate(1 minute)");
    flexible.window = 5min;
    in_window_ = 4min;
    create(flexible);
    engine_.run_due();
    store_.erase({"us-east-1", "default", "timer"});
    now_ += 10min;
    EXPECT_THAT(fired(), IsEmpty());
}

TEST_F(SchedulerEngine, ItsThreadFiresWhatBecomesDue)
{
    class Promising : public EventInvoker {
    public:
        void invoke_event(const Principal&, const std::string&, std::string) override
        {
            called.set_value();
        }
        std::promise<void> called;
    } invoker;
    Engine engine(store_, access_, invoker, engine_options());
    engine.start();
    create(settings("at(2027-01-31T12:00:00)"));
    engine.wake();
    invoker.called.get_future().get();
    engine.stop();
}

} // namespace
} // namespace nimbus::local::scheduler
