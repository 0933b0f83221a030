#include "process/process_state.h"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace nimbus::process {
namespace {

TEST(ProcessState, SaysWhetherAProcessStandsStill)
{
    const pid_t child = ::fork();
    while (child == 0)
        ::pause();
    EXPECT_FALSE(is_stopped(child));
    ::kill(child, SIGSTOP);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(child), &info, WSTOPPED | WNOWAIT);
    EXPECT_TRUE(is_stopped(child));
    ::kill(child, SIGKILL);
    ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    EXPECT_FALSE(is_stopped(child)) << "it has ended";
    ::waitpid(child, nullptr, 0);
    EXPECT_FALSE(is_stopped(child)) << "it is gone";
}

} // namespace
} // namespace nimbus::process
