#include "base/error.h"
#include "deploy/crash_point.h"

#include <gtest/gtest.h>

#include <csignal>
#include <iostream>
#include <sys/wait.h>
#include <unistd.h>

namespace nimbus::deploy {
namespace {

/// Three changes, each of which tells that it was made.
void change_three_times(const std::string& spec)
{
    CrashPoint crash_point(spec);
    for (const char* name : {"one ", "two ", "three "})
        crash_point.around([&] { std::cerr << name; });
    std::cerr << "end";
    std::exit(0);
}

TEST(CrashPointDeathTest, EndsTheProcessAroundTheChangeThatItIsTold)
{
    EXPECT_EXIT(change_three_times("2:before"), testing::KilledBySignal(SIGKILL), "^one $");
    EXPECT_EXIT(change_three_times("2:after"), testing::KilledBySignal(SIGKILL), "^one two $");
    EXPECT_EXIT(change_three_times("4:before"), testing::ExitedWithCode(0), "one two three end");
    EXPECT_EXIT(change_three_times(""), testing::ExitedWithCode(0), "one two three end");
}

TEST(CrashPointDeathTest, StopsTheProcessAndLetsItGoOn)
{
    const pid_t child = ::fork();
    if (child == 0) {
        CrashPoint crash_point("1:before", CrashPoint::Effect::stops);
        ::_exit(crash_point.around([] { return 7; }));
    }
    int status = 0;
    ::waitpid(child, &status, WUNTRACED);
    EXPECT_TRUE(WIFSTOPPED(status));
    ::kill(child, SIGCONT);
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(CrashPoint, RefusesWhatItDoesNotUnderstand)
{
    for (const char* spec : {"1", "x:before", "0:before", "-1:after", "1:later", ":before"})
        EXPECT_THROW(CrashPoint{spec}, UsageError) << spec;
}

TEST(CrashPoint, PassesResultsOn)
{
    CrashPoint crash_point("9:before");
    EXPECT_EQ(crash_point.around([] { return 7; }), 7);
}

} // namespace
} // namespace nimbus::deploy
