#include "aws/clock_skew.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

using namespace std::chrono_literals;

const SystemTime aws_time = from_unix_milliseconds(1'700'000'000'000);

std::string hint_at(SystemTime now)
{
    return clock_skew_hint({.headers = {{"Date", format_http_date(aws_time)}}}, now);
}

TEST(ClockSkew, IsToldInMinutesHoursOrDays)
{
    struct Row {
        std::chrono::seconds ahead;
        const char* part;
    };
    const Row rows[] = {{-20min, "is 20 minutes behind AWS's"},
                        {20min + 10s, "is 20 minutes ahead of AWS's"},
                        {5h + 59min, "is 5 hours ahead of AWS's"},
                        {-24h * 400, "is 400 days behind AWS's"}};
    for (const auto& row : rows)
        EXPECT_NE(hint_at(aws_time + row.ahead).find(row.part), std::string::npos)
            << hint_at(aws_time + row.ahead);
}

TEST(ClockSkew, IsNoneWhereAwsWouldNotCare)
{
    EXPECT_EQ(hint_at(aws_time + 4min), "");
    EXPECT_EQ(hint_at(aws_time - 4min), "");
    EXPECT_NE(hint_at(aws_time - 4min - 1s), "");
}

TEST(ClockSkew, IsNotGuessedWithoutADate)
{
    EXPECT_EQ(clock_skew_hint({}, aws_time), "");
    EXPECT_EQ(clock_skew_hint({.headers = {{"Date", "yesterday"}}}, aws_time), "");
}

TEST(ClockSkew, MayBeWhyASignatureIsRefused)
{
    EXPECT_TRUE(may_be_clock_skew("RequestTimeTooSkewed"));
    EXPECT_TRUE(may_be_clock_skew("SignatureDoesNotMatch"));
    EXPECT_FALSE(may_be_clock_skew("AccessDenied"));
}

} // namespace
} // namespace nimbus::aws
