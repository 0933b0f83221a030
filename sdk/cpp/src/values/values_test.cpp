#include <gtest/gtest.h>

#include <nimbus/decimal.hpp>
#include <nimbus/detail/chrono_text.hpp>
#include <nimbus/interval.hpp>
#include <nimbus/timestamp.hpp>
#include <nimbus/uuid.hpp>

namespace nimbus {
namespace {

TEST(Uuid, ReadsEitherCaseAndWritesLowerCase)
{
    EXPECT_EQ(uuid("550E8400-e29b-41d4-A716-446655440000").to_string(),
              "550e8400-e29b-41d4-a716-446655440000");
}

TEST(Uuid, RefusesOtherTexts)
{
    for (const auto* text :
         {"", "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-44665544000",
          "g50e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-4466554400000",
          "550e8400-e29b-41d4-a7160446655440000"})
        EXPECT_FALSE(uuid::parse(text)) << text;
    EXPECT_THROW(uuid("no"), std::invalid_argument);
}

TEST(Uuid, RandomOnesDiffer)
{
    EXPECT_NE(uuid::random(), uuid::random());
}

TEST(Timestamp, WritesMillisecondsAsEcmaScriptDoes)
{
    EXPECT_EQ(timestamp::parse("2024-12-01 12:00:00")->to_string(), "2024-12-01T12:00:00.000Z");
    EXPECT_EQ(timestamp::parse("2024-12-01 12:00:00.123987")->to_string(),
              "2024-12-01T12:00:00.123Z");
    EXPECT_EQ(timestamp::parse("1969-12-31T23:59:59.5Z")->to_string(), "1969-12-31T23:59:59.500Z");
}

TEST(Timestamp, KeepsMicrosecondsForSql)
{
    EXPECT_EQ(timestamp::parse("2024-12-01 12:00:00.12")->to_sql(),
              "2024-12-01 12:00:00.120000+00");
}

TEST(Timestamp, AppliesOffsets)
{
    const auto noon = timestamp::parse("2024-12-01T12:00:00Z");
    EXPECT_EQ(timestamp::parse("2024-12-01 14:00:00+02"), noon);
    EXPECT_EQ(timestamp::parse("2024-12-01T06:30:00-05:30"), noon);
}

TEST(Timestamp, RefusesWhatIsNoMoment)
{
    for (const auto* text : {"", "2024-12-01", "2024-02-30 00:00:00", "2024-12-01 24:00:00",
                             "2024-12-01 12:00:00 PST", "infinity", "2024-12-01 12:00:00."})
        EXPECT_FALSE(timestamp::parse(text)) << text;
}

TEST(Times, AreNothingThatOnlyPostgresHas)
{
    using micros = std::chrono::microseconds;
    for (const auto* text :
         {"infinity", "-infinity", "0044-03-15 BC", "0044-03-15 12:00:00+00 BC"}) {
        EXPECT_FALSE(date::parse(text)) << text;
        EXPECT_FALSE(timestamp::parse(text)) << text;
        EXPECT_FALSE(interval::parse(text)) << text;
        EXPECT_FALSE(detail::text_form<std::chrono::sys_time<micros>>::parse(text)) << text;
        EXPECT_FALSE(detail::text_form<std::chrono::local_time<micros>>::parse(text)) << text;
        EXPECT_FALSE(detail::text_form<std::chrono::sys_days>::parse(text)) << text;
    }
    for (const auto* timetz : {"12:00:00+02", "12:00:00.5-05:30", "24:00:00+00"})
        EXPECT_FALSE(detail::text_form<std::chrono::hh_mm_ss<micros>>::parse(timetz)) << timetz;
}

TEST(Date, IsADayThatExists)
{
    EXPECT_EQ(date::parse("2024-02-29")->to_string(), "2024-02-29");
    EXPECT_FALSE(date::parse("2023-02-29"));
    EXPECT_FALSE(date::parse("2024-2-9"));
}

TEST(Decimal, KeepsTheDecimalsThatItWasReadWith)
{
    for (const auto* text : {"0", "1.10", "-0.05", "12345678901234567890.12345678901234567890"})
        EXPECT_EQ(decimal(text).to_string(), text);
    EXPECT_EQ(decimal("+007.50").to_string(), "7.50");
    EXPECT_EQ(decimal("-0.00").to_string(), "0.00");
    EXPECT_EQ(decimal(-42).to_string(), "-42");
}

TEST(Decimal, RefusesWhatHasNoDigits)
{
    for (const auto* text :
         {"", "-", ".", "1.", ".5", "1e5", "NaN", "Infinity", "1,5", " 1", "0x1"})
        EXPECT_FALSE(decimal::parse(text)) << text;
    EXPECT_FALSE(decimal::parse(std::string(131'073, '9')));
    EXPECT_THROW(decimal("no"), std::invalid_argument);
}

TEST(Decimal, IsComparedByItsValue)
{
    EXPECT_EQ(decimal("1.10"), decimal("1.1"));
    EXPECT_LT(decimal("-2"), decimal("-1.5"));
    EXPECT_LT(decimal("-0.1"), decimal(0));
    EXPECT_GT(decimal("10"), decimal("9.99"));
    EXPECT_GT(decimal("0.10"), decimal("0.09"));
}

TEST(Decimal, CalculatesExactly)
{
    EXPECT_EQ((decimal("0.1") + decimal("0.2")).to_string(), "0.3");
    EXPECT_EQ((decimal("1.5") - decimal("2.25")).to_string(), "-0.75");
    EXPECT_EQ((decimal("-0.05") * decimal("0.1")).to_string(), "-0.005");
    EXPECT_EQ((decimal("19.99") * 3).to_string(), "59.97");
    EXPECT_EQ((decimal("8") + decimal("0.09")).to_string(), "8.09");
    EXPECT_EQ((-decimal("0")).to_string(), "0");
}

TEST(Decimal, RoundsAHalfAwayFromZero)
{
    EXPECT_EQ(decimal("2.345").rounded(2).to_string(), "2.35");
    EXPECT_EQ(decimal("-2.5").rounded(0).to_string(), "-3");
    EXPECT_EQ(decimal("0.04").rounded(1).to_string(), "0.0");
    EXPECT_EQ(decimal("9.99").rounded(1).to_string(), "10.0");
    EXPECT_EQ(decimal("7").rounded(2).to_string(), "7.00");
}

TEST(Decimal, BecomesTheNearestDouble)
{
    EXPECT_EQ(decimal("-12.5").to_double(), -12.5);
    EXPECT_EQ(decimal(std::string(400, '9')).to_double(), std::numeric_limits<double>::infinity());
    EXPECT_EQ(decimal("0." + std::string(400, '0') + "1").to_double(), 0);
}

TEST(Interval, ReadsBothForms)
{
    using std::chrono::microseconds;
    const interval all{14, 3, microseconds{14'706'500'000}};
    EXPECT_EQ(interval::parse("P1Y2M3DT4H5M6.5S"), all);
    EXPECT_EQ(interval::parse("1 year 2 mons 3 days 04:05:06.5"), all);
    EXPECT_EQ(interval::parse("-1 years -2 mons +3 days -04:05:06.5"),
              (interval{-14, 3, microseconds{-14'706'500'000}}));
    EXPECT_EQ(interval::parse("-00:00:00.000001"), (interval{.time = microseconds{-1}}));
    EXPECT_EQ(interval::parse("00:00:00"), interval{});
    EXPECT_EQ(interval::parse("P2W"), (interval{.days = 14}));
}

TEST(Interval, RefusesWhatIsNone)
{
    for (const auto* text : {"",
                             "P",
                             "PT",
                             "P1",
                             "P1H",
                             "PT1D",
                             "P1.5D",
                             "P1DT",
                             "PT1H2",
                             "1 day ",
                             "1 fortnight",
                             "04:05",
                             "04:65:06",
                             "4",
                             "1 year2 mons",
                             "PT99999999999999999999S",
                             "PT9223372036854775807H",
                             "P999999999999D",
                             "PT1.1234567S",
                             "--1 day",
                             "04:05:06."})
        EXPECT_FALSE(interval::parse(text)) << text;
}

TEST(Interval, IsWrittenAsIso8601)
{
    for (const auto* text :
         {"PT0S", "P1Y2M3DT4H5M6.500000S", "P-1M", "PT-1H-30M", "PT-0.000001S", "P1D"})
        EXPECT_EQ(interval::parse(text)->to_string(), text);
}

template <class T>
std::string sql(T value)
{
    return detail::text_form<T>::to_sql(value);
}
template <class T>
std::optional<T> read(std::string_view text)
{
    return detail::text_form<T>::parse(text);
}

TEST(Chrono, MomentsKeepMicrosecondsAndCutOffWhatIsBelow)
{
    using namespace std::chrono;
    const auto noon = sys_days(2024y / 12 / 1) + 12h;
    EXPECT_EQ(sql(sys_time<nanoseconds>(noon + 1'999ns)), "2024-12-01 12:00:00.000001+00");
    EXPECT_EQ(sql(sys_days(1969y / 12 / 31) - 1us), "1969-12-30 23:59:59.999999+00");
    EXPECT_EQ(sql(local_seconds(noon.time_since_epoch())), "2024-12-01 12:00:00.000000");
    EXPECT_EQ(sql(sys_days(2024y / 2 / 29)), "2024-02-29");
    EXPECT_EQ(read<sys_seconds>("2024-12-01 14:00:00+02"), sys_seconds(noon));
    EXPECT_FALSE(read<sys_seconds>("2024-12-01 12:00:00.5+00"));
    EXPECT_EQ(read<sys_time<milliseconds>>("2024-12-01 12:00:00.5+00"), noon + 500ms);
    EXPECT_EQ(read<sys_days>("12024-12-01"), sys_days(12'024y / 12 / 1));
}

TEST(Chrono, ATimeOfDayEndsAtMidnight)
{
    using namespace std::chrono;
    EXPECT_EQ(sql(hh_mm_ss(8h + 30min + 5us)), "08:30:00.000005");
    EXPECT_EQ(sql(hh_mm_ss<minutes>(24h)), "24:00:00");
    EXPECT_EQ(read<hh_mm_ss<minutes>>("24:00:00")->to_duration(), 24h);
    EXPECT_FALSE(read<hh_mm_ss<seconds>>("24:00:01"));
    EXPECT_FALSE(read<hh_mm_ss<minutes>>("08:30:01"));
}

TEST(Chrono, WhatIsNoTimeOfDayIsNotSent)
{
    using namespace std::chrono;
    EXPECT_THROW(sql(hh_mm_ss(-5s)), std::out_of_range);
    EXPECT_THROW(sql(hh_mm_ss(24h + 1us)), std::out_of_range);
    EXPECT_THROW(detail::text_form<hh_mm_ss<microseconds>>::to_json(hh_mm_ss(-1us)),
                 std::out_of_range);
    EXPECT_EQ(sql(hh_mm_ss(0s)), "00:00:00");
}

TEST(Chrono, DurationsAreIntervalsOfAFixedLength)
{
    using namespace std::chrono;
    EXPECT_EQ(sql(90min), "PT1H30M");
    EXPECT_EQ(sql(duration<double>(-0.5)), "PT-0.500000S");
    EXPECT_EQ(read<hours>("2 days 03:00:00"), 51h);
    EXPECT_EQ(read<duration<double>>("00:00:00.25"), duration<double>(0.25));
    EXPECT_FALSE(read<seconds>("1 mon"));
    EXPECT_THROW(sql(hours::max()), std::out_of_range);
}

} // namespace
} // namespace nimbus
