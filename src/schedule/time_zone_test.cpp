#include "base/error.h"
#include "schedule/time_zone.h"

#include <gtest/gtest.h>

namespace nimbus::schedule {
namespace {

SystemTime utc(std::string_view text)
{
    return parse_iso8601(text).value();
}

/// A local time by the numbers of a UTC one.
LocalTime local(std::string_view text)
{
    return LocalTime(std::chrono::seconds(to_unix_seconds(utc(text))));
}

std::string mistake(std::string_view name)
{
    try {
        const TimeZone zone(name);
        return "none";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(TimeZone, ShowsLocalTime)
{
    const TimeZone berlin("Europe/Berlin");
    EXPECT_EQ(berlin.to_local(utc("2027-01-31T12:00:00Z")), local("2027-01-31T13:00:00Z"));
    EXPECT_EQ(berlin.format(utc("2027-07-31T12:00:00.750Z")), "2027-07-31T14:00:00+02:00");
    EXPECT_EQ(TimeZone("America/St_Johns").format(utc("1970-01-01T00:00:00Z")),
              "1969-12-31T20:30:00-03:30");
    EXPECT_EQ(TimeZone("UTC").format(utc("2027-07-31T12:00:00Z")), "2027-07-31T12:00:00Z");
}

TEST(TimeZone, ReadsLocalTimes)
{
    const TimeZone berlin("Europe/Berlin");
    const auto once = berlin.read(local("2027-01-31T13:00:00Z"));
    EXPECT_EQ(once.moment, utc("2027-01-31T12:00:00Z"));
    EXPECT_EQ(once.resume, local("2027-01-31T13:00:01Z"));

    const auto left_out = berlin.read(local("2027-03-28T02:30:00Z"));
    EXPECT_EQ(left_out.moment, std::nullopt);
    EXPECT_EQ(left_out.resume, local("2027-03-28T03:00:00Z"));

    const auto twice = berlin.read(local("2027-10-31T02:30:00Z"));
    EXPECT_EQ(twice.moment, utc("2027-10-31T00:30:00Z"));
    EXPECT_EQ(twice.resume, local("2027-10-31T03:00:00Z"));
}

TEST(TimeZone, HasTheNamesOfTheDatabase)
{
    for (const auto* name : {"UTC", "GMT", "Etc/UTC", "Etc/GMT+8", "EST5EDT", "Asia/Kolkata",
                             "America/Argentina/Buenos_Aires", "America/Port-au-Prince"})
        EXPECT_EQ(mistake(name), "none") << name;
}

TEST(TimeZone, OfAnUnknownNameIsAMistakeThatNamesTheNearest)
{
    const auto nearest = [](std::string_view name) {
        const auto sentence = mistake(name);
        const auto from = sentence.find("did you mean '");
        return from == std::string::npos ? "none" : sentence.substr(from + 14);
    };
    EXPECT_EQ(nearest("Europe/Berln"), "Europe/Berlin'?");
    EXPECT_EQ(nearest("europe/berlin"), "Europe/Berlin'?");
    EXPECT_EQ(nearest("Berlin"), "Europe/Berlin'?");
    EXPECT_EQ(nearest("New York"), "America/New_York'?");
    EXPECT_EQ(nearest("Asia/Calcuta"), "Asia/Calcutta'?");
    EXPECT_EQ(mistake("Nowhere/Particular"),
              "The time zone 'Nowhere/Particular' is not in the IANA database; write a name such "
              "as 'Europe/Berlin' or 'UTC'");
}

TEST(TimeZone, IsNoPathAndNoNameOfTheLibraries)
{
    for (const auto* name :
         {"", "/etc/localtime", "../zoneinfo/UTC", "localtime", "posixrules", "posix/Europe/Berlin",
          "right/UTC", "Fixed/UTC+01:00:00", "Europe", "Europe/", "UTC+1", "tzdata.zi", "zone.tab",
          ":UTC", "Europe/Berlin\n"})
        EXPECT_NE(mistake(name), "none") << name;
    EXPECT_NE(mistake(std::string_view("UTC\0", 4)), "none");
    EXPECT_NE(mistake(std::string(5000, 'A')), "none");
}

} // namespace
} // namespace nimbus::schedule
