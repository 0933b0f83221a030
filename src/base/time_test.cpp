#include "base/time.h"

#include <gtest/gtest.h>

namespace nimbus {
namespace {

const SystemTime noon = from_unix_milliseconds(1'733'054'400'007); // 2024-12-01T12:00:00.007Z

TEST(Time, IsWrittenAsEachProtocolWantsIt)
{
    EXPECT_EQ(format_iso8601_milliseconds(noon), "2024-12-01T12:00:00.007Z");
    EXPECT_EQ(format_iso8601_seconds(noon), "2024-12-01T12:00:00Z");
    EXPECT_EQ(format_amz_date(noon), "20241201T120000Z");
    EXPECT_EQ(format_http_date(noon), "Sun, 01 Dec 2024 12:00:00 GMT");
    EXPECT_EQ(format_request_time(noon), "01/Dec/2024:12:00:00 +0000");
}

TEST(Time, IsReadBack)
{
    EXPECT_EQ(parse_amz_date("20241201T120000Z"), noon - std::chrono::milliseconds(7));
    EXPECT_EQ(parse_iso8601("2024-12-01T12:00:00.007Z"), noon);
    EXPECT_EQ(parse_iso8601("2024-12-01T12:00:00.0079Z"), noon);
    EXPECT_EQ(parse_iso8601("2024-12-01T12:00:00.5Z"), noon + std::chrono::milliseconds(493));
    EXPECT_EQ(parse_iso8601("2024-12-01T12:00:00Z"), noon - std::chrono::milliseconds(7));
    EXPECT_EQ(parse_http_date("Sun, 01 Dec 2024 12:00:00 GMT"),
              noon - std::chrono::milliseconds(7));
}

TEST(Time, IsRefusedWhenItIsNotOne)
{
    EXPECT_FALSE(parse_amz_date("20241301T120000Z"));
    EXPECT_FALSE(parse_amz_date("20240230T120000Z"));
    EXPECT_FALSE(parse_amz_date("20241201T120000"));
    EXPECT_FALSE(parse_amz_date("20241201T120000Zz"));
    EXPECT_FALSE(parse_amz_date("2024 1 1T120000Z"));
    EXPECT_FALSE(parse_amz_date(""));
    EXPECT_FALSE(parse_iso8601("2024-12-01 12:00:00Z"));
    EXPECT_FALSE(parse_iso8601("2024-12-01T12:00:00.Z"));
    EXPECT_FALSE(parse_iso8601("2024-12-01T12:00:00.5"));
    EXPECT_FALSE(parse_iso8601("2024-12-01T12:00:00.5xZ"));
    EXPECT_FALSE(parse_http_date("Sunday"));
    EXPECT_FALSE(parse_http_date("Mon, 01 Dec 2024 12:00:00 GMT")); // it was a Sunday
}

TEST(Deadline, IsNeverNegativeAndNeverOverflows)
{
    EXPECT_EQ(Deadline::after(std::chrono::milliseconds(-5)).remaining().count(), 0);
    EXPECT_TRUE(Deadline::after(std::chrono::milliseconds(-5)).reached());
    EXPECT_FALSE(Deadline::never().reached());
    EXPECT_EQ(Deadline::never().remaining(), std::chrono::hours(24));
}

} // namespace
} // namespace nimbus
