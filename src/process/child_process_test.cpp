#include "base/error.h"
#include "base/file.h"
#include "base/pipe.h"
#include "process/child_process.h"
#include "process/interruptible_run.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

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

/// How a run of a shell's command with a group of its own fails, after which nothing that it
/// started holds the descriptor 5 any more.
std::string failure_of(const std::string& command, std::chrono::milliseconds time)
{
    auto held = make_pipe();
    std::string failure;
    try {
        run({.arguments = {"/bin/sh", "-c", command},
             .descriptors = {{held.write.get(), 5}},
             .new_group = true},
            Deadline::after(time), {.bytes = 1'000'000, .ends_program = true});
    } catch (const Error& error) {
        failure = error.what();
    }
    held.write.reset();
    pollfd ended{held.read.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 10'000), 1) << "something runs on";
    return failure;
}

TEST(Run, StopsAllThatAProgramStartedAtItsDeadline)
{
    for (const std::string command : {"sleep 600 & sleep 600", "sleep 600 & true"})
        EXPECT_EQ(failure_of(command, std::chrono::milliseconds(500)),
                  "'/bin/sh' did not end in time and was stopped");
}

TEST(Run, SaysThatAScriptHasTheLineEndsOfWindows)
{
    const TemporaryDirectory directory;
    const auto script = directory.path() / "script";
    write_file(script, "#!/bin/sh\r\ntrue\r\n", 0755);
    try {
        run({.arguments = {script}}, soon());
        FAIL() << "there is no such interpreter";
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()),
                  "'" + script.string() +
                      "' could not be started: its lines end with carriage returns, as on Windows, "
                      "so Linux looks for an interpreter named '/bin/sh\\r'");
        EXPECT_TRUE(std::string_view(error.hint()).contains("Unix line ends"));
    }
}

TEST(Run, StopsAProgramWhenItIsInterrupted)
{
    const UniqueFd interrupt(::eventfd(1, EFD_CLOEXEC));
    EXPECT_THROW(run({.arguments = {"sleep", "1000"}}, Deadline::never(), {}, interrupt.get()),
                 Interrupted);
}

TEST(Run, StopsAProgramThatWritesWithoutEnd)
{
    for (const std::string command : {"yes", "yes | cat", "yes >&2"})
        EXPECT_EQ(failure_of(command, std::chrono::seconds(60)),
                  "'/bin/sh' wrote more than 1000000 bytes and was stopped");
}

TEST(Run, DropsWhatAProgramWritesBeyondTheLimit)
{
    const auto output = run({.arguments = {"/bin/sh", "-c", "yes | head -c 1000000"}},
                            Deadline::after(std::chrono::seconds(60)), {.bytes = 100'000});
    EXPECT_TRUE(output.status.success());
    EXPECT_LT(output.standard_output.size(), 200'000U);
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

/// What starting it says.
std::string failure_of(const SpawnOptions& options)
{
    try {
        ChildProcess::spawn(options);
    } catch (const Error& error) {
        return error.what();
    }
    return "no exception";
}

TEST(Spawn, SaysWhichInterpreterOfAProgramIsMissing)
{
    const TemporaryDirectory directory;
    const auto script = directory.path() / "script";
    write_file(script, "#! /no/such/interpreter -e\n", 0755);
    EXPECT_EQ(failure_of({.arguments = {script.string()}}),
              "'" + script.string() +
                  "' could not be started: its interpreter /no/such/interpreter is not there");
}

TEST(Spawn, SaysThatTheDirectoryIsMissing)
{
    EXPECT_EQ(failure_of({.arguments = {"true"}, .working_directory = "/no/such/directory"}),
              "'true' could not be started: there is no directory '/no/such/directory'");
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

/// Its owner is who runs the test, or somebody else who may read it.
std::filesystem::path hosts_file_in(const std::filesystem::path& directory)
{
    const auto file = directory / "hosts";
    write_file(file, "127.64.0.1 a.example\n");
    return file;
}

TEST(Run, GivesTheChildAHostsFileOfItsOwn)
{
    const TemporaryDirectory directory;
    const auto file = hosts_file_in(directory.path());
    if (!can_replace_hosts(file))
        GTEST_SKIP() << "this system does not let its users make namespaces";
    const auto systems = read_file_if_exists("/etc/hosts");
    const auto output = run(
        {.arguments = {"sh", "-c", "cat /etc/hosts; id -u; id -g"}, .hosts_file = file}, soon());
    EXPECT_EQ(output.standard_output, "127.64.0.1 a.example\n" + std::to_string(::getuid()) + "\n" +
                                          std::to_string(::getgid()) + "\n");
    EXPECT_EQ(read_file_if_exists("/etc/hosts"), systems) << "nobody else sees it";
}

TEST(Run, SaysThatAHostsFileCannotBeGiven)
{
    const std::filesystem::path missing = "/nowhere/hosts";
    EXPECT_FALSE(can_replace_hosts(missing));
    EXPECT_THROW(run({.arguments = {"true"}, .hosts_file = missing}, soon()), Error);
}

/// What an ordinary user's cloud does, where root runs the tests.
TEST(Run, GivesAHostsFileToWhatUsersRunToo)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "the test above is about it";
    const auto child = ::fork();
    if (child == 0) {
        const auto identity = unprivileged_identity();
        if (::setgroups(0, nullptr) != 0 || ::setgid(identity.gid) != 0 ||
            ::setuid(identity.uid) != 0)
            ::_exit(1);
        ::prctl(PR_SET_DUMPABLE, 1); // as what did not change its user: its /proc is its own
        try {
            const TemporaryDirectory directory;
            const auto file = hosts_file_in(directory.path());
            if (!can_replace_hosts(file))
                ::_exit(2);
            const auto output =
                run({.arguments = {"cat", "/etc/hosts"}, .hosts_file = file}, soon());
            ::_exit(output.standard_output == "127.64.0.1 a.example\n" ? 0 : 3);
        } catch (const std::exception&) {
            ::_exit(4);
        }
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        GTEST_SKIP() << "this system does not let its users make namespaces";
    EXPECT_EQ(status, 0);
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
