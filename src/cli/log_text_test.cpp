#include "cli/log_text.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

TEST(Readable, KeepsTextLinesAndColours)
{
    EXPECT_EQ(readable("Zoë\n\tpaid\n"), "Zoë\n\tpaid");
    EXPECT_EQ(readable("\x1b[1;31mError\x1b[0m"), "\x1b[1;31mError\x1b[0m");
}

TEST(Readable, MakesLinesOfCarriageReturns)
{
    EXPECT_EQ(readable("Error: x\r    at f\r    at g\r\n"), "Error: x\n    at f\n    at g");
}

TEST(Readable, IsTrimmedAndATextForATerminalIsNot)
{
    EXPECT_EQ(readable("  API  web\n"), "API  web");
    EXPECT_EQ(without_controls("  API  \x1b[2Jweb\n"), "  API  [2Jweb\n");
}

TEST(Readable, LetsNothingElseReachTheTerminal)
{
    EXPECT_EQ(readable("a\x1b]0;title\x07z"), "a]0;titlez") << "sets the title of a window";
    EXPECT_EQ(readable("a\xc2\x9b"
                       "2Jz\x7f"),
              "a2Jz")
        << "the same in one character";
    EXPECT_EQ(readable("a\x1b[2Jz"), "a[2Jz") << "clears the screen";
    EXPECT_EQ(readable(std::string_view("a\0z\x1b[31", 7)), "az[31") << "ends within a colour";
}

} // namespace
} // namespace nimbus::cli
