#include "base/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace nimbus {
namespace {

TEST(ParseNumber, ReadsTextThatIsANumberAsAWhole)
{
    EXPECT_EQ(parse_number<int>("0"), 0);
    EXPECT_EQ(parse_number<int>("-42"), -42);
    EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
    EXPECT_EQ(parse_number<double>("1.5e3"), 1500.0);
}

TEST(ParseNumber, RefusesWhatIsMoreOrLessThanANumber)
{
    for (const auto* text : {"", " 1", "1 ", "+1", "1x", "x1", "-", "0x10", "1.0"})
        EXPECT_FALSE(parse_number<int>(text)) << text;
}

TEST(ParseNumber, RefusesWhatDoesNotFit)
{
    EXPECT_FALSE(parse_number<std::uint8_t>("256"));
    EXPECT_FALSE(parse_number<int>("2147483648"));
    EXPECT_FALSE(parse_number<unsigned>("-1"));
}

TEST(ParseNumber, ReadsOtherBases)
{
    EXPECT_EQ(parse_number<unsigned>("fF", 16), 255u);
    EXPECT_EQ(parse_number<unsigned>("0755", 8), 493u);
    EXPECT_FALSE(parse_number<unsigned>("8", 8));
    EXPECT_FALSE(parse_number<unsigned>("", 16));
    EXPECT_FALSE(parse_number<unsigned>("10;", 16));
}

TEST(TakeNumber, LeavesWhatFollowsTheNumber)
{
    std::string_view text = "15m";
    EXPECT_EQ(take_number<int>(text), 15);
    EXPECT_EQ(text, "m");
}

TEST(TakeNumber, TakesNothingWhereThereIsNoNumberThatFits)
{
    for (const auto* given : {"", "m15", "300m"}) {
        std::string_view text = given;
        EXPECT_FALSE(take_number<std::uint8_t>(text)) << given;
        EXPECT_EQ(text, given);
    }
}

} // namespace
} // namespace nimbus
