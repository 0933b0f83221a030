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

TEST(SpinWindow, StaysClosedForAWhileAmongThreadsThatCompute)
{
    SpinWindow window;
    window.lost_processor();
    for (unsigned i = 0; i < SpinWindow::first_rest; ++i) {
        EXPECT_EQ(window.length(), microseconds(0));
        window.waited(microseconds(30));
    }
    window.waited(microseconds(30));
    EXPECT_EQ(window.length(), SpinWindow::longest);
}

TEST(SpinWindow, StaysClosedForLongerEachTimeThatItIsInVain)
{
    SpinWindow window;
    const auto waits_until_open = [&window] {
        unsigned waits = 0;
        for (; window.length() == microseconds(0); ++waits)
            window.waited(microseconds(30));
        return waits;
    };
    unsigned last = 0;
    for (int i = 0; i < 4; ++i) {
        window.lost_processor();
        const auto waits = waits_until_open();
        EXPECT_GT(waits, last);
        last = waits;
    }
    for (int i = 0; i < 20; ++i)
        window.lost_processor();
    EXPECT_LE(waits_until_open(), SpinWindow::longest_rest + 1);
}

} // namespace
} // namespace nimbus::local::dsql
