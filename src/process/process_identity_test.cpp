#include "process/process_identity.h"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace nimbus::process {
namespace {

/// A process that waits to be killed, and is a zombie then until this is gone.
class Child {
public:
    Child() : pid_(::fork())
    {
        if (pid_ == 0)
            for (;;)
                ::pause();
    }
    ~Child()
    {
        kill();
        ::waitpid(pid_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    ProcessIdentity identity() const { return identity_of(pid_); }
    void kill() const
    {
        ::kill(pid_, SIGKILL);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }

private:
    pid_t pid_;
};

ProcessIdentity of_a_process_that_is_gone()
{
    return Child().identity();
}

TEST(ProcessIdentity, SaysWhichProcess)
{
    const auto identity = identity_of(::getpid());
    EXPECT_EQ(identity.pid, ::getpid());
    EXPECT_EQ(identity.boot_id.size(), 36U);
    EXPECT_TRUE(identity.pid_namespace.starts_with("pid:["));
    EXPECT_FALSE(identity.start_time.empty());
    EXPECT_EQ(identity_of(::getpid()), identity);
    EXPECT_FALSE(has_ended(identity));
}

TEST(ProcessIdentity, HasEndedWhenTheProcessIsNotThere)
{
    EXPECT_TRUE(has_ended(of_a_process_that_is_gone()));
}

TEST(ProcessIdentity, HasEndedWhenTheProcessIsAZombie)
{
    const Child child;
    const auto identity = child.identity();
    EXPECT_FALSE(has_ended(identity));
    child.kill();
    EXPECT_TRUE(has_ended(identity));
}

TEST(ProcessIdentity, HasEndedWhenAnotherProcessHasItsNumber)
{
    auto identity = identity_of(::getpid());
    identity.start_time = "1";
    EXPECT_TRUE(has_ended(identity));
}

TEST(ProcessIdentity, OfAnotherMachineOrContainerIsNotKnownToHaveEnded)
{
    const auto gone = of_a_process_that_is_gone();
    for (const auto member : {&ProcessIdentity::boot_id, &ProcessIdentity::pid_namespace}) {
        auto elsewhere = gone;
        elsewhere.*member = "another";
        EXPECT_FALSE(has_ended(elsewhere));
        elsewhere.*member = "";
        EXPECT_FALSE(has_ended(elsewhere));
    }
    EXPECT_FALSE(has_ended({}));
}

} // namespace
} // namespace nimbus::process
