#include <gtest/gtest.h>

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

TEST(Date, IsADayThatExists)
{
    EXPECT_EQ(date::parse("2024-02-29")->to_string(), "2024-02-29");
    EXPECT_FALSE(date::parse("2023-02-29"));
    EXPECT_FALSE(date::parse("2024-2-9"));
}

} // namespace
} // namespace nimbus
