#include "base/file.h"
#include "process/child_process.h"
#include "process/sandbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nimbus::process {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

Deadline soon()
{
    return Deadline::after(std::chrono::seconds(20));
}

/// ThreadSanitizer starts a thread of its own in each process that is forked, and one with two
/// threads may not enter a namespace: setns(2).
constexpr bool can_enter_namespaces =
#if defined __has_feature
#if __has_feature(thread_sanitizer)
    false;
#else
    true;
#endif
#else
    true;
#endif

/// A tree with the system's programs, and a directory with two programs' code.
class SandboxTest : public testing::Test {
protected:
    SandboxTest()
    {
        for (const char* name : {"usr", "proc", "tmp", "dev", "code"})
            make_directories(root_ / name);
        for (const char* name : {"bin", "lib", "lib64", "sbin"})
            if (fs::is_symlink(fs::path("/") / name))
                fs::create_directory_symlink(fs::path("usr") / name, root_ / name);
        write_file(root_ / "dev" / "null", "");
        make_directories(directory_.path() / "code" / "mine");
        make_directories(directory_.path() / "code" / "others");
        write_file(directory_.path() / "code" / "mine" / "file", "mine");
        write_file(directory_.path() / "secret", "secret");
        try {
            sandbox_ = std::make_shared<Sandbox>(
                SandboxTree{.root = root_,
                            .mounts = {{"/usr", "/usr"}, {directory_.path() / "code", "/code"}},
                            .devices = {"/dev/null"}});
        } catch (const Error& error) {
            reason_ = error.what();
        }
    }

    void SetUp() override
    {
        if (!can_enter_namespaces)
            GTEST_SKIP() << "not under ThreadSanitizer";
        if (!sandbox_)
            GTEST_SKIP() << reason_;
    }

    SpawnOptions options(const std::string& script)
    {
        return {.arguments = {"/bin/sh", "-c", script},
                .environment = {{"PATH=/usr/bin:/bin"}},
                .working_directory = "/code",
                .new_session = true,
                .die_with_parent = true,
                .sandbox = Sandboxed{.sandbox = sandbox_,
                                     .mounts = {{"/code/mine", "/code"}},
                                     .tmp_bytes = 1024 * 1024,
                                     .program_outside = "/bin/sh",
                                     .max_processes = 20}};
    }

    std::string shell(const std::string& script)
    {
        const auto output = run(options(script), soon());
        return output.standard_output + output.standard_error;
    }

    TemporaryDirectory directory_;
    fs::path root_ = directory_.path() / "root";
    std::shared_ptr<Sandbox> sandbox_;
    std::string reason_;
};

TEST_F(SandboxTest, ShowsTheTreeAndNothingElse)
{
    EXPECT_EQ(shell("ls -d /* | grep -v '^/[ls]b*i[bn]' | tr '\\n' ' '"),
              "/bin /code /dev /proc /tmp /usr ");
    EXPECT_EQ(shell("cat file; ls /code"), "minefile\n");
    EXPECT_THAT(shell("cat " + (directory_.path() / "secret").string()), HasSubstr("No such file"));
    EXPECT_THAT(shell("ls /proc/1/root/"), HasSubstr("cannot"));
}

TEST_F(SandboxTest, LetsNothingBeWrittenButTmp)
{
    EXPECT_THAT(shell("echo x > /code/file"), HasSubstr("Read-only file system"));
    EXPECT_THAT(shell("echo x > /new"), HasSubstr("Read-only file system"));
    EXPECT_THAT(shell("echo x > /usr/new"), HasSubstr("Read-only file system"));
    EXPECT_THAT(shell("echo x > /proc/sys/kernel/core_pattern"),
                HasSubstr("Read-only file system"));
    EXPECT_EQ(shell("echo x > /tmp/new && cat /tmp/new"), "x\n");
    EXPECT_EQ(shell("ls /tmp"), "") << "each has its own";
    EXPECT_FALSE(fs::exists(root_ / "tmp" / "new"));
    EXPECT_THAT(shell("cat /usr/bin/* > /tmp/large"), HasSubstr("No space left on device"));
}

TEST_F(SandboxTest, HasProcessesOfItsOwnWithoutRights)
{
    EXPECT_EQ(shell("id -u; id -g"), "993\n990\n");
    EXPECT_EQ(shell("ls -d /proc/[0-9]* | wc -l"), "4\n") << "init, the shell, ls, wc";
    EXPECT_THAT(shell("kill -0 " + std::to_string(::getpid())), HasSubstr("No such process"));
    EXPECT_THAT(shell("cat /proc/1/environ"), HasSubstr("Permission denied"));
    EXPECT_THAT(shell("grep -E 'Cap(Prm|Eff|Amb)' /proc/self/status"),
                testing::MatchesRegex("(Cap(Prm|Eff|Amb):\t0000000000000000\n){3}"));
    EXPECT_THAT(shell("umount /code"), Not(testing::IsEmpty()));
    EXPECT_EQ(shell("umount /code 2> /dev/null; ls /code"), "file\n");
}

TEST_F(SandboxTest, EndsAsWithoutOne)
{
    EXPECT_EQ(run(options("exit 7"), soon()).status.code, 7);
    EXPECT_EQ(run(options("kill -TERM $$"), soon()).status.signal, SIGTERM);
    EXPECT_EQ(run(options("kill -ABRT $$"), soon()).status.signal, SIGABRT);
    EXPECT_EQ(run(options("kill -KILL $$"), soon()).status.signal, SIGKILL);
}

TEST_F(SandboxTest, LimitsDescriptorsHoweverManyItsParentHas)
{
    std::vector<UniqueFd> many;
    while (many.empty() || many.back().get() < 1'200)
        if (!many.emplace_back(::dup(STDIN_FILENO)))
            GTEST_SKIP() << "this process may not have as many";
    EXPECT_EQ(shell("ulimit -n; exec 9< /dev/null && echo fine"), "1024\nfine\n");
}

TEST_F(SandboxTest, LimitsProcessesOfEachProgramByItself)
{
    const std::string many =
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 100 > /dev/null 2>&1 & done; ";
    auto first = options(many + "echo started; wait");
    first.standard_output = Stream::pipe;
    auto child = ChildProcess::spawn(first);
    EXPECT_EQ(shell(many + "echo fine"), "fine\n") << "the first one's do not count";
    EXPECT_THAT(shell(many + many), HasSubstr("annot fork"));
}

TEST_F(SandboxTest, EndsAllThatWasStartedInIt)
{
    // The sleeper has a session of its own, and would outlive a signal to the group.
    auto with_orphan = options("setsid sleep 1000 & echo started");
    with_orphan.standard_output = Stream::pipe;
    auto child = ChildProcess::spawn(with_orphan);
    ASSERT_TRUE(child.wait(soon()));
    std::string output(16, '\0');
    // The sleeper holds the pipe open; its end closes it.
    ssize_t got = 0;
    const auto deadline = soon();
    do
        got = ::read(child.standard_output().get(), output.data(), output.size());
    while (got != 0 && !deadline.reached());
    EXPECT_EQ(got, 0);
}

TEST_F(SandboxTest, SaysWhyAProgramCannotBeStarted)
{
    auto missing = options("");
    missing.arguments = {"/code/missing"};
    missing.sandbox->program_outside = directory_.path() / "code" / "mine" / "missing";
    const auto reason = [](const SpawnOptions& given) -> std::string {
        try {
            ChildProcess::spawn(given);
            return "it was started";
        } catch (const Error& error) {
            return error.what();
        }
    };
    EXPECT_EQ(reason(missing), "'/code/missing' could not be started: No such file or directory");
    write_file(missing.sandbox->program_outside, "#!/nowhere/sh\n", 0755);
    EXPECT_EQ(reason(missing), "'/code/missing' could not be started: its interpreter "
                               "/nowhere/sh is not there in the sandbox");
    auto unmounted = options("");
    unmounted.sandbox->mounts = {{"/code/nowhere", "/code"}};
    EXPECT_EQ(reason(unmounted), "'/bin/sh' could not be started: mounting what a program uses: "
                                 "No such file or directory");
}

/// Runs it as an ordinary user; true when it did.
bool as_ordinary_user(const std::function<bool()>& work)
{
    const auto child = ::fork();
    if (child == 0) {
        const auto identity = unprivileged_identity();
        if (::setgroups(0, nullptr) != 0 || ::setgid(identity.gid) != 0 ||
            ::setuid(identity.uid) != 0)
            ::_exit(1);
        ::prctl(PR_SET_DUMPABLE, 1); // as what did not change its user: its /proc is its own
        bool is_fine = false;
        try {
            is_fine = work();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        ::_exit(is_fine ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status == 0;
}

TEST(Sandbox, IsMadeByOrdinaryUsersToo)
{
    if (!can_enter_namespaces)
        GTEST_SKIP() << "not under ThreadSanitizer";
    if (::geteuid() != 0)
        GTEST_SKIP() << "the tests above are about it";
    EXPECT_TRUE(as_ordinary_user([] {
        const TemporaryDirectory directory;
        for (const char* name : {"usr", "proc", "tmp"})
            make_directories(directory.path() / name);
        for (const char* name : {"bin", "lib", "lib64"})
            if (fs::is_symlink(fs::path("/") / name))
                fs::create_directory_symlink(fs::path("usr") / name, directory.path() / name);
        const auto sandbox = std::make_shared<Sandbox>(
            SandboxTree{.root = directory.path(), .mounts = {{"/usr", "/usr"}}, .devices = {}});
        const auto output = run({.arguments = {"/bin/sh", "-c", "id -u; echo $$; ls /"},
                                 .new_session = true,
                                 .die_with_parent = true,
                                 .sandbox = Sandboxed{.sandbox = sandbox,
                                                      .mounts = {},
                                                      .tmp_bytes = 1024,
                                                      .program_outside = "/bin/sh"}},
                                soon());
        return output.standard_output.starts_with("993\n2\n") &&
               output.standard_output.find("home") == std::string::npos;
    }));
}

TEST(Sandbox, SaysWhatTheSystemDoesNotAllow)
{
    const TemporaryDirectory directory;
    try {
        const Sandbox sandbox(
            {.root = directory.path(), .mounts = {{"/nowhere", "/nowhere"}}, .devices = {}});
        ADD_FAILURE() << "it was made";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("this system does not allow it: "));
    }
}

} // namespace
} // namespace nimbus::process
