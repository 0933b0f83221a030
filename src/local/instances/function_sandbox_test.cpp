#include "local/instances/function_sandbox.h"
#include "local/instances/test_pool.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/// Functions in a sandbox, whose `bootstrap` runs what a shell is told to.
class FunctionSandboxTest : public PoolFixture {
protected:
    FunctionSandboxTest()
    {
        home_ = directory_.path() / "home";
        make_directories(home_, 0700);
        write_file(home_ / "settings.json", "the administrator's key", 0600);
        write_file(home_ / "ca.pem", "an authority\n");
        make_directories(options_.code_directory, 0700);
        try {
            options_.sandbox = std::make_shared<FunctionSandbox>(
                FunctionSandbox::Options{.directory = home_ / "functions-root",
                                         .code_directory = options_.code_directory,
                                         .certificate_authority = home_ / "ca.pem"});
        } catch (const Error& error) {
            reason_ = error.what();
        }
    }

    void SetUp() override
    {
        if (!options_.sandbox)
            GTEST_SKIP() << reason_;
    }

    std::string shell(const std::string& script)
    {
        return call(function(), "shell " + script).payload;
    }

    fs::path home_;
    std::string reason_;
};

TEST_F(FunctionSandboxTest, ShowsCodeWhereLambdaHasIt)
{
    EXPECT_EQ(shell("pwd; ls; echo $LAMBDA_TASK_ROOT"), "/var/task\nbootstrap\n/var/task\n");
    EXPECT_THAT(shell("(echo x > /var/task/new) 2>&1"), HasSubstr("Read-only file system"));
}

TEST_F(FunctionSandboxTest, HidesTheHome)
{
    EXPECT_THAT(shell("cat " + (home_ / "settings.json").string() + " 2>&1"),
                HasSubstr("No such file"));
    EXPECT_THAT(shell("ls / | tr '\\n' ' '"), Not(HasSubstr("home")));
}

TEST_F(FunctionSandboxTest, TellsWhomToTrustAndWhereHostsAre)
{
    options_.environment["SSL_CERT_FILE"] = (home_ / "ca.pem").string();
    EXPECT_EQ(shell("cat $SSL_CERT_FILE $PGSSLROOTCERT"), "an authority\nan authority\n");
    const auto hosts = FunctionSandbox::hosts_file(home_ / "functions-root");
    write_file(hosts, "127.64.0.1 a.example\n");
    EXPECT_EQ(shell("cat $NIMBUS_HOSTS_FILE"), "127.64.0.1 a.example\n");
    write_file(hosts, "127.64.0.2 b.example\n");
    EXPECT_EQ(shell("cat /etc/hosts"), "127.64.0.2 b.example\n") << "of the same instance";
    EXPECT_EQ(instances(), 1U);
}

TEST_F(FunctionSandboxTest, KeepsTmpForTheInstanceAndLimitsIt)
{
    auto f = function();
    f.ephemeral_storage_megabytes = 512;
    EXPECT_EQ(call(f, "shell echo kept > /tmp/file").payload, "");
    EXPECT_EQ(call(f, "shell cat /tmp/file").payload, "kept\n");
    EXPECT_THAT(call(f, "shell df --output=size -m /tmp").payload, HasSubstr(" 512\n"));
    EXPECT_EQ(call(function("another"), "shell ls /tmp").payload, "");
}

TEST_F(FunctionSandboxTest, ShowsNoOtherFunctionsProcessesOrCode)
{
    auto secret = function("secret", "main");
    secret.environment["SECRET"] = "of another function";
    EXPECT_EQ(call(secret, "echo warm").payload, "warm");
    put_code("other", {{"bootstrap", read_file(NIMBUS_TEST_BOOTSTRAP)}, {"other-file", "x"}});
    EXPECT_EQ(call(function("other", "other"), "echo warm").payload, "warm");
    EXPECT_THAT(shell("cat /proc/*/environ"), Not(HasSubstr("another function")));
    EXPECT_EQ(shell("ls /var/task /var/task/..| grep -c other-file"), "0\n");
}

TEST_F(FunctionSandboxTest, EndsAForkBombWithItsInstance)
{
    const auto result = shell("i=0; while [ $i -lt 2000 ]; do sleep 100 > /dev/null 2>&1 & "
                              "i=$((i+1)); done 2>&1; echo all");
    EXPECT_THAT(result, HasSubstr("annot fork"));
    EXPECT_EQ(call(function("another"), "echo lives").payload, "lives");
}

TEST_F(FunctionSandboxTest, TellsHowAProgramEnds)
{
    EXPECT_THAT(call(function(), "signal 6").payload, HasSubstr("signal: aborted"));
}

} // namespace
} // namespace nimbus::local
