#include "base/error.h"
#include "process/child_process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>

namespace nimbus::process {
namespace {

Deadline soon()
{
    return Deadline::after(std::chrono::seconds(20));
}

TEST(Run, CapturesBothOutputsAndTheExitStatus)
{
    const auto output = run({.arguments = {"sh", "-c", "echo out; echo err >&2; exit 3"}}, soon());
    EXPECT_EQ(output.standard_output, "out\n");
    EXPECT_EQ(output.standard_error, "err\n");
    EXPECT_EQ(output.status.code, 3);
    EXPECT_EQ(output.status.text(), "exit status 3");
}

TEST(Spawn, JoinsBothOutputsInTheirOrder)
{
    auto child =
        ChildProcess::spawn({.arguments = {"sh", "-c", "echo 1; echo 2 >&2; echo 3; echo 4 >&2"},
                             .standard_output = Stream::pipe,
                             .standard_error = Stream::joined});
    ASSERT_TRUE(child.wait(soon()));
    char buffer[64];
    const auto got = ::read(child.standard_output().get(), buffer, sizeof buffer);
    EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))),
              "1\n2\n3\n4\n");
    EXPECT_FALSE(child.standard_error());
}

TEST(Run, GivesTheChildExactlyTheEnvironmentAndDirectoryAskedFor)
{
    const auto output = run({.arguments = {"sh", "-c", "echo $A-$HOME; pwd"},
                             .environment = {{"A=1"}},
                             .working_directory = "/"},
                            soon());
    EXPECT_EQ(output.standard_output, "1-\n/\n");
}

TEST(Run, StopsAProgramAtItsDeadline)
{
    EXPECT_THROW(run({.arguments = {"sleep", "60"}}, Deadline::after(std::chrono::milliseconds(5))),
                 Error);
}

TEST(Run, LeaksNoDescriptorsIntoTheChild)
{
    const auto output = run({.arguments = {"ls", "/proc/self/fd"}}, soon());
    EXPECT_EQ(output.standard_output, "0\n1\n2\n3\n"); // the last is the directory itself
}

TEST(Spawn, PassesDescriptorsUnderTheirNumbers)
{
    const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const auto output =
        run({.arguments = {"sh", "-c", "readlink /proc/$$/fd/7"}, .descriptors = {{null.get(), 7}}},
            soon());
    EXPECT_EQ(output.standard_output, "/dev/null\n");
}

TEST(Spawn, SaysWhichProgramIsMissing)
{
    try {
        ChildProcess::spawn({.arguments = {"no-such-program-anywhere"}});
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "'no-such-program-anywhere' could not be started: there is no such program");
    }
}

TEST(ChildProcess, IsKilledWithItsOwner)
{
    pid_t pid = -1;
    {
        const auto child = ChildProcess::spawn({.arguments = {"sleep", "60"}});
        pid = child.pid();
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(ChildProcess, TellsTheSignalThatEndedIt)
{
    auto child = ChildProcess::spawn({.arguments = {"sleep", "60"}});
    EXPECT_FALSE(child.wait(Deadline::after(std::chrono::milliseconds(0))));
    const auto status = child.terminate(std::chrono::seconds(10), SIGTERM);
    EXPECT_EQ(status.signal, SIGTERM);
    EXPECT_EQ(status.text(), "signal 15 (Terminated)");
}

TEST(ChildProcess, RunsAsSomebodyElseWhenRootAsksForIt)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can become somebody else";
    const auto output =
        run({.arguments = {"id", "-u"}, .identity = Identity{65534, 65534}}, soon());
    EXPECT_EQ(output.standard_output, "65534\n");
}

} // namespace
} // namespace nimbus::process
