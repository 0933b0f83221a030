#include "net/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <unistd.h>

namespace nimbus::net {
namespace {

TEST(WorkerPool, AJobMayPostAnotherWhileThePoolEnds)
{
    std::atomic<bool> ran = false;
    {
        WorkerPool pool(1);
        pool.post([&] { pool.post([&] { ran = true; }); });
    }
    EXPECT_TRUE(ran);
}

TEST(WorkerPoolDeathTest, AJobDoesNotEndItsPool)
{
    EXPECT_DEATH(
        {
            auto pool = std::make_unique<WorkerPool>(1);
            pool->post([&] { pool.reset(); });
            ::pause();
        },
        "a pool is not destroyed by a job of its own");
}

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
