#include "io/random_pause.h"

#include <gtest/gtest.h>

namespace nimbus::detail {
namespace {

using namespace std::chrono_literals;

TEST(RandomPause, IsThePauseAndUpToAsMuchAgain)
{
    const Backoff backoff{.first = 100ms, .longest = 1s};
    bool differ = false;
    for (int i = 0; i < 100; ++i) {
        const auto pause = random_pause(backoff, 2);
        EXPECT_GE(pause, 200ms);
        EXPECT_LT(pause, 400ms);
        differ = differ || pause != random_pause(backoff, 2);
    }
    EXPECT_TRUE(differ);
}

} // namespace
} // namespace nimbus::detail
