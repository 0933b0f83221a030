#include "deploy/task_graph.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace nimbus::deploy {
namespace {

TEST(TaskGraph, RunsEachTaskAfterItsPrerequisites)
{
    // 3 -> 1, 2 -> 0
    const Prerequisites after{{1, 2}, {3}, {3}, {}};
    std::vector<std::size_t> order;
    std::mutex mutex;
    run_tasks(after, 4, [&](std::size_t task) {
        const std::lock_guard lock(mutex);
        order.push_back(task);
        return true;
    });
    ASSERT_EQ(order.size(), 4u);
    EXPECT_EQ(order.front(), 3u);
    EXPECT_EQ(order.back(), 0u);
}

TEST(TaskGraph, RunsIndependentTasksAtTheSameTime)
{
    std::atomic<int> waiting = 0;
    run_tasks(Prerequisites(3), 3, [&](std::size_t) {
        ++waiting;
        while (waiting < 3) // ends only if all three are under way
            std::this_thread::yield();
        return true;
    });
}

TEST(TaskGraph, NeverRunsMoreThanItMay)
{
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    run_tasks(Prerequisites(50), 2, [&](std::size_t) {
        most = std::max(most.load(), ++running);
        std::this_thread::yield();
        --running;
        return true;
    });
    EXPECT_LE(most, 2);
}

TEST(TaskGraph, StartsNothingNewAfterAFailure)
{
    int runs = 0;
    run_tasks({{}, {0}, {1}}, 1, [&](std::size_t task) {
        ++runs;
        return task != 1;
    });
    EXPECT_EQ(runs, 2);
}

TEST(TaskGraph, RefusesACircle)
{
    EXPECT_THROW(run_tasks({{1}, {0}}, 2, [](std::size_t) { return true; }), std::logic_error);
}

TEST(TaskGraph, PassesOnWhatABodyThrows)
{
    EXPECT_THROW(run_in_parallel(3, 2,
                                 [](std::size_t i) {
                                     if (i == 1)
                                         throw std::runtime_error("no");
                                 }),
                 std::runtime_error);
    run_in_parallel(0, 2, [](std::size_t) { FAIL(); });
}

} // namespace
} // namespace nimbus::deploy
