#include "core/invocation.h"

#include <gtest/gtest.h>

namespace nimbus::detail {
namespace {

using namespace std::chrono_literals;

TEST(InvocationContext, TimeRunsOutAtTheDeadlineAndNotBelow)
{
    EXPECT_LE((InvocationContext{.deadline = system_now() + 10s}.remaining_time()), 10s);
    EXPECT_GT((InvocationContext{.deadline = system_now() + 10s}.remaining_time()), 5s);
    EXPECT_EQ((InvocationContext{.deadline = system_now() - 10s}.remaining_time()), 0s);
    EXPECT_EQ(InvocationContext{}.remaining_time(), 24h);
}

TEST(CurrentInvocation, LeavesItsHandlerTimeToAnswer)
{
    CurrentInvocation invocation;
    const auto remaining = [&](std::chrono::milliseconds until_the_end) {
        invocation.begin({.request_id = "id", .deadline = system_now() + until_the_end});
        return invocation.deadline().remaining();
    };
    EXPECT_LE(remaining(10s), 9'800ms);
    EXPECT_GT(remaining(10s), 5s);
    EXPECT_LE(remaining(100ms), 50ms);
    EXPECT_EQ(remaining(-1s), 0ms);
}

TEST(CurrentInvocation, IsNoneInAUnitTest)
{
    const CurrentInvocation none;
    EXPECT_EQ(none.request_id(), "");
    EXPECT_LE(none.deadline().remaining(), 5min);
    EXPECT_GT(none.deadline().remaining(), 4min);
}

} // namespace
} // namespace nimbus::detail
