#include "base/error.h"
#include "schedule/schedule.h"

#include <gtest/gtest.h>

namespace nimbus::schedule {
namespace {

std::string mistake(const std::string& expression, std::string_view zone = "UTC")
{
    try {
        const Schedule schedule(expression, zone);
        return "none";
    } catch (const Error& error) {
        return error.what();
    }
}

struct Mistake {
    const char* expression;
    const char* sentence; ///< after the expression and ": "
};

class BadExpression : public testing::TestWithParam<Mistake> {};

TEST_P(BadExpression, IsToldWhatIsWrongWhereAndWhatIsAllowed)
{
    const std::string expression = GetParam().expression;
    EXPECT_EQ(mistake(expression), expression + ": " + GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(
    Cron, BadExpression,
    testing::Values(
        Mistake{"cron(60 0 * * ? *)", "the minutes field is '60'; minutes are 0 to 59"},
        Mistake{"cron(0 25 * * ? *)", "the hours field is '25'; hours are 0 to 23"},
        Mistake{"cron(0 -1 * * ? *)", "the hours field is '-1'; hours are 0 to 23"},
        Mistake{"cron(0 8,25 * * ? *)", "the hours field is '8,25'; hours are 0 to 23"},
        Mistake{"cron(0 8, * * ? *)", "the hours field is '8,'; hours are 0 to 23"},
        Mistake{"cron(0 99999999999 * * ? *)",
                "the hours field is '99999999999'; hours are 0 to 23"},
        Mistake{"cron(0 0 32 * ? *)", "the day-of-month field is '32'; days of the month are 1 to "
                                      "31, L (the last), LW or a day with W (15W)"},
        Mistake{"cron(0 0 1 13 ? *)", "the month field is '13'; months are 1 to 12 or JAN to DEC"},
        Mistake{"cron(0 0 1 jan ? *)", "the month field is 'jan'; names are in capitals: JAN"},
        Mistake{"cron(0 0 ? * 0 *)",
                "the day-of-week field is '0'; days of the week are 1 (Sunday) to 7 or SUN to SAT, "
                "also with L (6L, the last Friday of the month) or # (6#2, the second)"},
        Mistake{"cron(0 0 1 1 ? 1969)", "the year field is '1969'; years are 1970 to 2199"},
        Mistake{"cron(0 0 1 1 ? 2200)", "the year field is '2200'; years are 1970 to 2199"},
        Mistake{"cron(0 22-2 * * ? *)", "the hours field is '22-2'; a range goes up: 22-23,0-2"},
        Mistake{"cron(0 0 ? * FRI-MON *)",
                "the day-of-week field is 'FRI-MON'; a range goes up: FRI-SAT,SUN-MON"},
        Mistake{"cron(0/0 * * * ? *)", "the minutes field is '0/0'; a step is 1 to 60"},
        Mistake{"cron(*/90 * * * ? *)", "the minutes field is '*/90'; a step is 1 to 60"},
        Mistake{"cron(/5 * * * ? *)", "the minutes field is '/5'; minutes are 0 to 59"},
        Mistake{"cron(0 ? * * ? *)",
                "the hours field is '?'; '?' stands alone, as day-of-month or as day-of-week"},
        Mistake{"cron(0 0 ?,1 * ? *)",
                "the day-of-month field is '?,1'; '?' stands alone, as day-of-month or as "
                "day-of-week"},
        Mistake{"cron(0 0 L,15 * ? *)",
                "the day-of-month field is 'L,15'; L, LW and W stand without other days"},
        Mistake{"cron(0 0 L-3 * ? *)",
                "the day-of-month field is 'L-3'; L, LW and W stand without other days"},
        Mistake{"cron(0 0 1-5W * ? *)",
                "the day-of-month field is '1-5W'; L, LW and W stand without other days"},
        Mistake{"cron(0 0 ? * 3#1,6#3 *)",
                "the day-of-week field is '3#1,6#3'; L and # stand without other days"},
        Mistake{"cron(0 0 ? * 3#6 *)",
                "the day-of-week field is '3#6'; the number after # is 1 to 5"},
        Mistake{"cron(0 0 * * * *)", "day-of-month is '*' and day-of-week is '*'; one of them must "
                                     "be '?', which stands for any"},
        Mistake{"cron(0 0 1 * MON *)", "day-of-month is '1' and day-of-week is 'MON'; one of them "
                                       "must be '?', which stands for any"},
        Mistake{"cron(0 0 ? * ? *)",
                "day-of-month is '?' and day-of-week is '?'; only one of them can be '?'"},
        Mistake{"cron(0 2 * * ?)", "it has 5 fields; six are needed: minutes hours day-of-month "
                                   "month day-of-week year"},
        Mistake{"cron(0 0 2 * * ? *)", "it has 7 fields; six are needed: minutes hours "
                                       "day-of-month month day-of-week year"},
        Mistake{"cron(daily)", "it has 1 field; six are needed: minutes hours day-of-month month "
                               "day-of-week year"},
        Mistake{"cron()", "it has 0 fields; six are needed: minutes hours day-of-month month "
                          "day-of-week year"}));

INSTANTIATE_TEST_SUITE_P(
    RateAndAt, BadExpression,
    testing::Values(
        Mistake{"rate(5)", "a rate is a value and a unit, such as rate(5 minutes)"},
        Mistake{"rate()", "a rate is a value and a unit, such as rate(5 minutes)"},
        Mistake{"rate(0 minutes)",
                "the value is '0'; values are whole numbers from 1 to 2147483647"},
        Mistake{"rate(1.5 hours)",
                "the value is '1.5'; values are whole numbers from 1 to 2147483647"},
        Mistake{"rate(3000000000 days)",
                "the value is '3000000000'; values are whole numbers from 1 to 2147483647"},
        Mistake{"rate(30 seconds)", "the unit is 'seconds'; units are minutes, hours and days"},
        Mistake{"rate(5 Minutes)", "the unit is 'Minutes'; units are minutes, hours and days"},
        Mistake{"at(2027-01-31)",
                "'2027-01-31' is not a date and time of the form yyyy-mm-ddThh:mm:ss"},
        Mistake{"at(2027-01-31T08:00:00Z)",
                "'2027-01-31T08:00:00Z' is not a date and time of the form yyyy-mm-ddThh:mm:ss"},
        Mistake{"at(2027-02-30T08:00:00)",
                "'2027-02-30T08:00:00' is not a date and time of the form yyyy-mm-ddThh:mm:ss"},
        Mistake{"at(2027-01-31 08:00:00)",
                "'2027-01-31 08:00:00' is not a date and time of the form yyyy-mm-ddThh:mm:ss"},
        Mistake{"at(2200-01-01T00:00:00)", "the year is '2200'; years are 1970 to 2199"}));

TEST(BadExpressions, OfNoKindAreToldTheThreeKinds)
{
    for (const auto* expression : {"", "0 2 * * ? *", "every(5 minutes)", "rate(5 minutes", "cron",
                                   "CRON(0 2 * * ? *)", " rate(5 minutes)"})
        EXPECT_EQ(mistake(expression),
                  "'" + std::string(expression) +
                      "' is not a schedule expression; write rate(5 minutes), cron(0 2 * * ? *) or "
                      "at(2027-01-31T08:00:00)");
}

TEST(BadExpressions, AreNotQuotedWhenTheyAreLong)
{
    EXPECT_EQ(mistake(std::string(257, 'x')),
              "A schedule expression has at most 256 characters, and this one has 257");
}

TEST(BadExpressions, OfTimeZonesToo)
{
    EXPECT_EQ(mistake("rate(5 minutes)", "Europe/Berln"),
              "The time zone 'Europe/Berln' is not in the IANA database; did you mean "
              "'Europe/Berlin'?");
}

} // namespace
} // namespace nimbus::schedule
