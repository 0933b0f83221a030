#include "base/error.h"
#include "base/text.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nimbus::schedule {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SystemTime utc(std::string_view text)
{
    return parse_iso8601(text).value();
}

/// The next `count` moments as the zone's clocks show them.
std::vector<std::string> fires(std::string_view expression, std::string_view zone,
                               std::string_view after, std::size_t count)
{
    std::vector<std::string> shown;
    for (const auto moment : Schedule(expression, zone).next_n(utc(after), count))
        shown.push_back(TimeZone(zone).format(moment));
    return shown;
}

struct Row {
    const char* expression;
    const char* after;
    const char* moments; ///< in UTC without seconds, with blanks between them
};

class CronExpression : public testing::TestWithParam<Row> {};

TEST_P(CronExpression, FiresWhenItSays)
{
    const auto wanted = split(GetParam().moments, ' ');
    const auto moments = Schedule(GetParam().expression)
                             .next_n(utc(std::string(GetParam().after) + ":00Z"), wanted.size());
    std::vector<std::string> found;
    for (const auto moment : moments)
        found.push_back(format_iso8601_seconds(moment).substr(0, 16));
    EXPECT_EQ(join(found, " "), GetParam().moments) << GetParam().expression;
}

// The examples of AWS's documentation: "Schedule types in EventBridge Scheduler" and EventBridge's
// "Cron expressions reference".
INSTANTIATE_TEST_SUITE_P(
    Documented, CronExpression,
    testing::Values(
        Row{"cron(0 10 * * ? *)", "2026-11-30T10:00", "2026-12-01T10:00 2026-12-02T10:00"},
        Row{"cron(15 12 * * ? *)", "2026-11-30T12:14", "2026-11-30T12:15 2026-12-01T12:15"},
        Row{"cron(0 18 ? * MON-FRI *)", "2026-11-26T18:00",
            "2026-11-27T18:00 2026-11-30T18:00 2026-12-01T18:00"},
        Row{"cron(0 8 1 * ? *)", "2026-11-15T00:00", "2026-12-01T08:00 2027-01-01T08:00"},
        Row{"cron(0/15 * * * ? *)", "2026-11-30T23:31",
            "2026-11-30T23:45 2026-12-01T00:00 2026-12-01T00:15"},
        Row{"cron(0/10 * ? * MON-FRI *)", "2026-11-27T23:45",
            "2026-11-27T23:50 2026-11-30T00:00 2026-11-30T00:10"},
        Row{"cron(0/5 8-17 ? * MON-FRI *)", "2026-11-27T17:50",
            "2026-11-27T17:55 2026-11-30T08:00"},
        Row{"cron(0/30 20-23,0-2 ? * MON-FRI *)", "2026-11-30T23:15",
            "2026-11-30T23:30 2026-12-01T00:00 2026-12-01T00:30"},
        Row{"cron(15 10 ? * 6L 2022-2023)", "2021-12-31T00:00",
            "2022-01-28T10:15 2022-02-25T10:15 2022-03-25T10:15"},
        Row{"cron(30 8 * * ? *)", "2026-11-30T08:29", "2026-11-30T08:30 2026-12-01T08:30"},
        Row{"cron(1/10 * * * ? *)", "2026-11-30T08:00",
            "2026-11-30T08:01 2026-11-30T08:11 2026-11-30T08:21"},
        Row{"cron(0 0 3W * ? *)", "2026-09-30T00:00", "2026-10-02T00:00 2026-11-03T00:00"},
        Row{"cron(0 0 ? * 3#2 *)", "2026-11-30T00:00", "2026-12-08T00:00 2027-01-12T00:00"},
        Row{"cron(0 0 ? JAN,FEB,MAR SUN *)", "2026-03-20T00:00",
            "2026-03-22T00:00 2026-03-29T00:00 2027-01-03T00:00"},
        Row{"cron(0 0 1-15 * ? *)", "2026-11-14T12:00", "2026-11-15T00:00 2026-12-01T00:00"}));

INSTANTIATE_TEST_SUITE_P(
    Fields, CronExpression,
    testing::Values(
        Row{"cron(5,35 14 * * ? *)", "2026-11-30T14:05", "2026-11-30T14:35 2026-12-01T14:05"},
        Row{"cron(10-20/5,50 0 * * ? *)", "2026-11-30T00:00",
            "2026-11-30T00:10 2026-11-30T00:15 2026-11-30T00:20 2026-11-30T00:50"},
        Row{"cron(*/20 23 * * ? *)", "2026-11-30T23:20", "2026-11-30T23:40 2026-12-01T23:00"},
        Row{"cron(0/60 * * * ? *)", "2026-11-30T22:30", "2026-11-30T23:00 2026-12-01T00:00"},
        Row{"cron(0 0 1/10,2,3/8 * ? *)", "2026-11-01T00:00",
            "2026-11-02T00:00 2026-11-03T00:00 2026-11-11T00:00 2026-11-19T00:00"},
        Row{"cron(0-0 8-8 ? * 2-2 *)", "2026-11-30T08:00", "2026-12-07T08:00"},
        Row{"cron(00 09 ? * 7,1 *)", "2026-11-27T00:00", "2026-11-28T09:00 2026-11-29T09:00"},
        Row{"cron(0 0 ? * L *)", "2026-11-27T00:00", "2026-11-28T00:00 2026-12-05T00:00"},
        Row{"cron(0 0 ? * * *)", "2026-11-27T00:00", "2026-11-28T00:00 2026-11-29T00:00"},
        Row{"cron(0 0 1 1/6 ? *)", "2026-11-27T00:00", "2027-01-01T00:00 2027-07-01T00:00"},
        Row{"cron(0 0 1 NOV-DEC ? *)", "2026-11-27T00:00", "2026-12-01T00:00 2027-11-01T00:00"},
        Row{"cron(0 0 1 JAN ? 2030/50)", "2026-11-27T00:00", "2030-01-01T00:00 2080-01-01T00:00"},
        Row{"cron(  0   0 1 1  ? 2030 )", "2026-11-27T00:00", "2030-01-01T00:00"}));

INSTANTIATE_TEST_SUITE_P(
    LastDay, CronExpression,
    testing::Values(
        Row{"cron(0 2 L * ? *)", "2027-01-31T01:00",
            "2027-01-31T02:00 2027-02-28T02:00 2027-03-31T02:00 2027-04-30T02:00"},
        Row{"cron(0 0 L 2 ? *)", "2026-11-30T00:00", "2027-02-28T00:00 2028-02-29T00:00"},
        // 2026-01-31 is a Saturday, 2026-02-28 too, 2026-05-31 a Sunday.
        Row{"cron(0 0 LW * ? *)", "2026-01-01T00:00",
            "2026-01-30T00:00 2026-02-27T00:00 2026-03-31T00:00 2026-04-30T00:00 2026-05-29T00:00"},
        Row{"cron(0 0 ? * 6L *)", "2026-11-01T00:00", "2026-11-27T00:00 2026-12-25T00:00"},
        Row{"cron(0 0 ? * FRIL *)", "2026-11-01T00:00", "2026-11-27T00:00 2026-12-25T00:00"},
        Row{"cron(0 0 ? 2 1L *)", "2026-01-01T00:00", "2026-02-22T00:00 2027-02-28T00:00"}));

INSTANTIATE_TEST_SUITE_P(
    NearestWeekday, CronExpression,
    testing::Values(
        // Saturday the 15th -> Friday, Sunday the 15th -> Monday, Tuesday the 15th stays.
        Row{"cron(0 12 15W 8 ? 2026)", "2026-01-01T00:00", "2026-08-14T12:00"},
        Row{"cron(0 12 15W 11 ? 2026)", "2026-01-01T00:00", "2026-11-16T12:00"},
        Row{"cron(0 12 15W 12 ? 2026)", "2026-01-01T00:00", "2026-12-15T12:00"},
        // It stays in its month: Saturday the 1st -> Monday the 3rd, Sunday the 31st -> Friday.
        Row{"cron(0 12 1W 8 ? 2026)", "2026-01-01T00:00", "2026-08-03T12:00"},
        Row{"cron(0 12 31W 5 ? 2026)", "2026-01-01T00:00", "2026-05-29T12:00"},
        // Months without the day are left out.
        Row{"cron(0 12 31W * ? 2026)", "2026-03-31T12:00", "2026-05-29T12:00 2026-07-31T12:00"}));

INSTANTIATE_TEST_SUITE_P(
    NthWeekday, CronExpression,
    testing::Values(
        Row{"cron(0 2 ? * THU#3 *)", "2026-11-01T00:00", "2026-11-19T02:00 2026-12-17T02:00"},
        Row{"cron(0 2 ? * 1#1 *)", "2026-11-01T00:00", "2026-11-01T02:00 2026-12-06T02:00"},
        // Not every month has a fifth Friday.
        Row{"cron(0 2 ? * 6#5 *)", "2026-01-01T00:00",
            "2026-01-30T02:00 2026-05-29T02:00 2026-07-31T02:00 2026-10-30T02:00"}));

INSTANTIATE_TEST_SUITE_P(
    Calendar, CronExpression,
    testing::Values(
        Row{"cron(0 0 29 2 ? *)", "2026-11-30T00:00",
            "2028-02-29T00:00 2032-02-29T00:00 2036-02-29T00:00"},
        Row{"cron(0 0 29 FEB ? *)", "2096-02-29T00:00", "2104-02-29T00:00"}, // 2100 is no leap year
        Row{"cron(0 0 31 * ? *)", "2026-01-31T00:00", "2026-03-31T00:00 2026-05-31T00:00"},
        Row{"cron(59 23 31 12 ? 2199)", "2026-01-01T00:00", "2199-12-31T23:59"},
        Row{"cron(0 0 1 1 ? *)", "1969-06-01T00:00", "1970-01-01T00:00"}));

TEST(Schedule, ThatNeverFiresAgainIsNothingAtOnce)
{
    const auto now = utc("2026-11-30T00:00:00Z");
    for (const auto* expression :
         {"cron(* * 30 2 ? *)", "cron(* * 31 4,6,9,11 ? *)", "cron(* * 29 2 ? 2027,2100)",
          "cron(* * * * ? 1970-2025)", "cron(0 0 30W FEB ? *)", "cron(0 0 ? FEB 2#5 2027)"})
        EXPECT_EQ(Schedule(expression).next(now), std::nullopt) << expression;
    EXPECT_EQ(Schedule("cron(* * * * ? *)").next(utc("2199-12-31T23:59:00Z")), std::nullopt);
    EXPECT_EQ(Schedule("rate(1 minute)").next(utc("2199-12-31T23:59:00Z")), std::nullopt);
    EXPECT_EQ(Schedule("rate(2147483647 days)", "UTC", now).next(now), std::nullopt);
}

TEST(Schedule, NextIsLaterThanTheMomentAskedFor)
{
    const Schedule noon("cron(0 12 * * ? *)");
    const auto at_noon = utc("2026-11-30T12:00:00Z");
    EXPECT_EQ(noon.next(at_noon - std::chrono::nanoseconds(1)), at_noon);
    EXPECT_EQ(noon.next(at_noon), at_noon + std::chrono::hours(24));
    EXPECT_EQ(noon.next(at_noon + std::chrono::nanoseconds(1)), at_noon + std::chrono::hours(24));
}

TEST(Schedule, LatestIsTheLastMomentUntilThen)
{
    const auto latest = [](const char* expression, std::string_view after, std::string_view until) {
        const auto found = Schedule(expression).latest(utc(after), utc(until));
        return found ? format_iso8601_seconds(*found) : "none";
    };
    EXPECT_EQ(latest("cron(0 12 * * ? *)", "2026-11-01T00:00:00Z", "2026-11-30T11:59:59Z"),
              "2026-11-29T12:00:00Z");
    EXPECT_EQ(latest("cron(0 12 * * ? *)", "2026-11-01T00:00:00Z", "2026-11-30T12:00:00Z"),
              "2026-11-30T12:00:00Z");
    EXPECT_EQ(latest("cron(0 12 * * ? *)", "2026-11-30T12:00:00Z", "2026-12-01T11:00:00Z"), "none");
    EXPECT_EQ(latest("cron(* 3 * * ? *)", "2020-01-01T00:00:00Z", "2026-11-30T23:00:00Z"),
              "2026-11-30T03:59:00Z");
    EXPECT_EQ(latest("at(2026-11-30T12:00:01)", "2026-11-30T12:00:00Z", "2026-11-30T12:00:02Z"),
              "2026-11-30T12:00:01Z");
    EXPECT_EQ(latest("rate(7 minutes)", "1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z"),
              "1970-01-01T00:56:00Z");
}

TEST(Rate, IsCountedFromItsStart)
{
    const auto start = utc("2026-11-30T08:00:30Z");
    const Schedule schedule("rate(15 minutes)", "UTC", start);
    EXPECT_THAT(
        schedule.next_n(utc("2026-11-01T00:00:00Z"), 3),
        ElementsAre(start, start + std::chrono::minutes(15), start + std::chrono::minutes(30)));
    EXPECT_EQ(schedule.next(start), start + std::chrono::minutes(15));
    EXPECT_EQ(schedule.next(utc("2026-11-30T10:07:00Z")), utc("2026-11-30T10:15:30Z"));
}

TEST(Rate, HasUnitsInSingularAndPlural)
{
    const auto start = utc("2026-11-30T08:00:00Z");
    const auto period = [&](std::string_view expression) {
        return *Schedule(expression, "UTC", start).next(start) - start;
    };
    EXPECT_EQ(period("rate(1 minute)"), std::chrono::minutes(1));
    EXPECT_EQ(period("rate(5 minutes)"), std::chrono::minutes(5));
    EXPECT_EQ(period("rate(1 hour)"), std::chrono::hours(1));
    EXPECT_EQ(period("rate(2  hours)"), std::chrono::hours(2));
    EXPECT_EQ(period("rate(1 days)"), std::chrono::hours(24));
    EXPECT_EQ(period("rate(25 days)"), std::chrono::hours(25 * 24));
}

TEST(Rate, DayIs24HoursWhenTheClocksChange)
{
    const auto start = utc("2027-03-27T12:00:00Z"); // the clocks go forward in the night
    EXPECT_EQ(Schedule("rate(1 day)", "Europe/Berlin", start).next(start),
              utc("2027-03-28T12:00:00Z"));
}

TEST(At, FiresOnceInItsTimeZone)
{
    const auto before = "2022-11-20T00:00:00Z";
    EXPECT_THAT(fires("at(2022-11-20T13:00:00)", "America/Los_Angeles", before, 5),
                ElementsAre("2022-11-20T13:00:00-08:00"));
    EXPECT_THAT(fires("at(2022-11-20T13:00:59)", "UTC", before, 5),
                ElementsAre("2022-11-20T13:00:59Z"));
    EXPECT_THAT(fires("at(2022-11-20T13:00:00)", "UTC", "2022-11-20T13:00:00Z", 5), IsEmpty());
    EXPECT_TRUE(Schedule("at(2022-11-20T13:00:00)").is_one_time());
    EXPECT_FALSE(Schedule("rate(1 hour)").is_one_time());
    EXPECT_FALSE(Schedule("cron(0 0 1 1 ? 2030)").is_one_time());
}

TEST(At, NeverFiresAtATimeThatTheClocksLeaveOutAndOnceAtOneShownTwice)
{
    EXPECT_THAT(fires("at(2027-03-28T02:30:00)", "Europe/Berlin", "2027-01-01T00:00:00Z", 5),
                IsEmpty());
    EXPECT_THAT(fires("at(2027-10-31T02:30:00)", "Europe/Berlin", "2027-01-01T00:00:00Z", 5),
                ElementsAre("2027-10-31T02:30:00+02:00"));
}

// Source: EventBridge Scheduler User Guide, "Daylight savings time on EventBridge Scheduler".

TEST(DaylightSaving, SkipsTheDayWhoseClocksLeaveTheTimeOut)
{
    EXPECT_THAT(fires("cron(30 2 * * ? *)", "America/Los_Angeles", "2027-03-13T00:00:00Z", 3),
                ElementsAre("2027-03-13T02:30:00-08:00", "2027-03-15T02:30:00-07:00",
                            "2027-03-16T02:30:00-07:00"));
    EXPECT_THAT(fires("cron(30 2 * * ? *)", "Europe/Berlin", "2027-03-27T00:00:00Z", 2),
                ElementsAre("2027-03-27T02:30:00+01:00", "2027-03-29T02:30:00+02:00"));
    EXPECT_THAT(fires("cron(0 2-3 * * ? *)", "America/New_York", "2027-03-14T00:00:00Z", 2),
                ElementsAre("2027-03-14T03:00:00-04:00", "2027-03-15T02:00:00-04:00"));
}

TEST(DaylightSaving, FiresOnceAtATimeThatTheClocksShowTwice)
{
    EXPECT_THAT(fires("cron(30 1 * * ? *)", "America/Los_Angeles", "2027-11-07T00:00:00Z", 2),
                ElementsAre("2027-11-07T01:30:00-07:00", "2027-11-08T01:30:00-08:00"));
    EXPECT_THAT(fires("cron(30 2 * * ? *)", "Europe/Berlin", "2027-10-30T12:00:00Z", 2),
                ElementsAre("2027-10-31T02:30:00+02:00", "2027-11-01T02:30:00+01:00"));
}

TEST(DaylightSaving, EveryHalfHourPausesWhileTheClocksShowAnHourAgain)
{
    const std::vector<std::string> wanted{"2027-10-31T02:00:00+02:00", "2027-10-31T02:30:00+02:00",
                                          "2027-10-31T03:00:00+01:00"};
    EXPECT_EQ(fires("cron(0/30 * * * ? *)", "Europe/Berlin", "2027-10-30T23:30:00Z", 3), wanted);
    // … also when asked within the hour that is shown again.
    for (const auto* after :
         {"2027-10-31T01:00:00Z", "2027-10-31T01:10:00Z", "2027-10-31T01:59:59Z"})
        EXPECT_THAT(fires("cron(0/30 * * * ? *)", "Europe/Berlin", after, 1),
                    ElementsAre(wanted.back()))
            << after;
}

TEST(DaylightSaving, EveryMinuteGoesOnRightAfterTheHourThatIsLeftOut)
{
    EXPECT_THAT(fires("cron(* * * * ? *)", "Europe/Berlin", "2027-03-28T00:58:00Z", 2),
                ElementsAre("2027-03-28T01:59:00+01:00", "2027-03-28T03:00:00+02:00"));
}

TEST(DaylightSaving, IsHalfAnHourOnLordHoweIsland)
{
    // From 02:00 to 02:30 in October, from 02:00 to 01:30 in April.
    EXPECT_THAT(fires("cron(15,45 2 * * ? *)", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2),
                ElementsAre("2026-10-04T02:45:00+11:00", "2026-10-05T02:15:00+11:00"));
    EXPECT_THAT(fires("cron(15,45 1 * * ? *)", "Australia/Lord_Howe", "2027-04-03T12:00:00Z", 3),
                ElementsAre("2027-04-04T01:15:00+11:00", "2027-04-04T01:45:00+11:00",
                            "2027-04-05T01:15:00+10:30"));
}

TEST(DaylightSaving, GoesOnAfterTheLastYearOfTheDatabasesTables)
{
    EXPECT_THAT(fires("cron(0 12 1 7 ? 2050,2199)", "Europe/Berlin", "2026-01-01T00:00:00Z", 2),
                ElementsAre("2050-07-01T12:00:00+02:00", "2199-07-01T12:00:00+02:00"));
}

TEST(TimeZones, LeaveOutWholeDays)
{
    // Samoa crossed the date line: 30 December 2011 was no day there.
    EXPECT_THAT(fires("cron(0 12 * * ? *)", "Pacific/Apia", "2011-12-29T00:00:00Z", 2),
                ElementsAre("2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00"));
}

} // namespace
} // namespace nimbus::schedule
