#include "cli/text_layout.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

TEST(TextLayout, CountsCodePointsNotBytes)
{
    EXPECT_EQ(columns(""), 0U);
    EXPECT_EQ(columns("Zoë ✓"), 5U);
}

TEST(TextLayout, PadsToColumns)
{
    EXPECT_EQ(padded("ä", 3), "ä  ");
    EXPECT_EQ(padded("long", 2), "long");
}

TEST(TextLayout, ShortensBetweenCodePoints)
{
    EXPECT_EQ(shortened("function", 8), "function");
    EXPECT_EQ(shortened("function", 5), "func…");
    EXPECT_EQ(shortened("äöü", 2), "ä…");
    EXPECT_EQ(shortened("ab", 1), "…");
    EXPECT_EQ(shortened("ab", 0), "");
}

TEST(TextLayout, WrapsAtBlanks)
{
    EXPECT_EQ(wrapped("one two three", 20), "one two three");
    EXPECT_EQ(wrapped("one two three", 7), "one two\nthree");
    EXPECT_EQ(wrapped("a longest word", 4), "a\nlongest\nword");
    EXPECT_EQ(wrapped("", 4), "");
}

} // namespace
} // namespace nimbus::cli
