#include "local/dsql/spin_window.h"

#include <gtest/gtest.h>

namespace nimbus::local::dsql {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(SpinWindow, StaysOpenWhileWaitsAreShort)
{
    SpinWindow window;
    window.waited(microseconds(30));
    window.waited(microseconds(99));
    EXPECT_EQ(window.length(), SpinWindow::longest);
}

TEST(SpinWindow, OutlivesALongWaitAmongShortOnes)
{
    SpinWindow window;
    window.waited(milliseconds(1));
    EXPECT_GT(window.length(), microseconds(30));
    window.waited(microseconds(30));
    EXPECT_EQ(window.length(), SpinWindow::longest);
}

TEST(SpinWindow, ClosesAfterAFewLongWaitsAndOpensWithTheFirstShortOne)
{
    SpinWindow window;
    for (int i = 0; i < 5; ++i)
        window.waited(milliseconds(1));
    EXPECT_EQ(window.length(), microseconds(0));
    window.waited(microseconds(80));
    EXPECT_EQ(window.length(), SpinWindow::longest);
}

} // namespace
} // namespace nimbus::local::dsql
