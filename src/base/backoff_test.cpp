#include "base/backoff.h"

#include <climits>
#include <gtest/gtest.h>

namespace nimbus {
namespace {

using namespace std::chrono_literals;

constexpr Backoff backoff{.first = 100ms, .longest = 1s};

TEST(Backoff, DoublesItsPausesUpToTheLongest)
{
    EXPECT_EQ(backoff.pause(1), 100ms);
    EXPECT_EQ(backoff.pause(2), 200ms);
    EXPECT_EQ(backoff.pause(4), 800ms);
    EXPECT_EQ(backoff.pause(5), 1s);
    EXPECT_EQ(backoff.pause(INT_MAX), 1s);
}

TEST(Backoff, HasNoPauseBeforeTheFirstFailure)
{
    EXPECT_EQ(backoff.pause(0), 0ms);
    EXPECT_EQ(backoff.jittered_pause(0, 0.5), 0ms);
}

TEST(Backoff, NeverPausesLongerThanTheLongest)
{
    EXPECT_EQ((Backoff{.first = 2s, .longest = 1s}.pause(1)), 1s);
    const auto most = std::chrono::milliseconds::max();
    EXPECT_EQ((Backoff{.first = 1ms, .longest = most}.pause(INT_MAX)), most);
}

TEST(Backoff, SpreadsJitteredPausesOverTheWholeRange)
{
    EXPECT_EQ(backoff.jittered_pause(2, 0.0), 0ms);
    EXPECT_EQ(backoff.jittered_pause(2, 0.5), 100ms);
    EXPECT_EQ(backoff.jittered_pause(2, 0.999999), 199ms);
}

} // namespace
} // namespace nimbus
