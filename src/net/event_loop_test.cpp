#include "base/pipe.h"
#include "net/event_loop.h"

#include <gtest/gtest.h>

#include <thread>
#include <unistd.h>
#include <vector>

namespace nimbus::net {
namespace {

using std::chrono::milliseconds;

TEST(EventLoop, RunsWorkFromOtherThreadsOnItsOwn)
{
    EventLoop loop;
    std::thread::id ran_on;
    std::thread other([&] {
        loop.post([&] {
            ran_on = std::this_thread::get_id();
            loop.stop();
        });
    });
    loop.run();
    other.join();
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(EventLoop, RunsTimersInTheOrderOfTheirTimes)
{
    EventLoop loop;
    std::vector<int> order;
    const auto second = loop.after(milliseconds(200), [&] {
        order.push_back(2);
        loop.stop();
    });
    const auto first = loop.after(milliseconds(1), [&] { order.push_back(1); });
    loop.run();
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(EventLoop, NeverRunsWhatWasCancelled)
{
    EventLoop loop;
    bool ran = false;
    auto cancelled = loop.after(milliseconds(1), [&] { ran = true; });
    cancelled.cancel();
    {
        const auto dropped = loop.after(milliseconds(1), [&] { ran = true; });
    }
    const auto end = loop.after(milliseconds(10), [&] { loop.stop(); });
    loop.run();
    EXPECT_FALSE(ran);
}

TEST(EventLoop, CallsAgainAsLongAsADescriptorIsReadable)
{
    EventLoop loop;
    const auto [read_end, write_end] = make_pipe();
    ASSERT_EQ(::write(write_end.get(), "abc", 3), 3);
    std::string seen;
    const auto registration = loop.when_readable(read_end.get(), [&] {
        char c = 0;
        ASSERT_EQ(::read(read_end.get(), &c, 1), 1);
        seen += c;
        if (seen.size() == 3)
            loop.stop();
    });
    loop.run();
    EXPECT_EQ(seen, "abc");
}

TEST(EventLoop, BelongsToWhoeverRunsItAndElseToEverybody)
{
    EventLoop loop;
    EXPECT_TRUE(loop.is_owned_by_this_thread());
    bool on_its_own = false;
    bool on_another = true;
    loop.post([&] {
        on_its_own = loop.is_owned_by_this_thread();
        std::thread([&] { on_another = loop.is_owned_by_this_thread(); }).join();
        loop.stop();
    });
    loop.run();
    EXPECT_TRUE(on_its_own);
    EXPECT_FALSE(on_another);
    EXPECT_TRUE(loop.is_owned_by_this_thread());
}

TEST(EventLoopDeathTest, ATimerIsNotSetFromAnotherThread)
{
    EXPECT_DEATH(
        {
            EventLoop loop;
            loop.post([&] {
                std::thread([&] { const auto timer = loop.after(milliseconds(1), [] {}); }).join();
            });
            loop.run();
        },
        "timers are set on the loop's thread");
}

TEST(EventLoopDeathTest, HasOneThreadAtATime)
{
    EXPECT_DEATH(
        {
            EventLoop loop;
            loop.post([&] { loop.run(); });
            loop.run();
        },
        "one thread at a time runs a loop");
}

} // namespace
} // namespace nimbus::net
