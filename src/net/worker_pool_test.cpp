#include "net/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>

namespace nimbus::net {
namespace {

TEST(WorkerPool, RunsEverythingThatWasPosted)
{
    std::atomic<int> sum = 0;
    {
        WorkerPool pool(3);
        for (int i = 1; i <= 100; ++i)
            pool.post([&sum, i] { sum += i; });
    }
    EXPECT_EQ(sum, 5050);
}

TEST(WorkerPool, RunsWhatOwnsThingsThatCannotBeCopied)
{
    int seen = 0;
    {
        WorkerPool pool(1);
        pool.post([&seen, owned = std::make_unique<int>(7)] { seen = *owned; });
    }
    EXPECT_EQ(seen, 7);
}

} // namespace
} // namespace nimbus::net
