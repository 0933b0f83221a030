#include "cli/duration.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;

TEST(Duration, HasAUnit)
{
    EXPECT_EQ(parse_duration("90s"), 90s);
    EXPECT_EQ(parse_duration("10m"), 10min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("1d"), 24h);
    EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(Duration, AnythingElseIsNone)
{
    for (const auto* text :
         {"", "5", "m", "5 m", "-5m", "5m ", "1h30m", "5w", "1.5h", "10001d", "99999999999s"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

} // namespace
} // namespace nimbus::cli
