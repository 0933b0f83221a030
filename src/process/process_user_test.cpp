#include "process/child_process.h"
#include "process/process_user.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace nimbus::process {
namespace {

TEST(ProcessUser, IsWhomAProcessRunsAs)
{
    EXPECT_EQ(user_of(::getpid()), ::geteuid());
    EXPECT_FALSE(user_of(0));
}

TEST(ProcessUser, IsAnothersWhereRootStartedIt)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can become somebody else";
    const auto child = ChildProcess::spawn(
        {.arguments = {"sleep", "1000"}, .identity = Identity{.uid = 65534, .gid = 65534}});
    EXPECT_EQ(user_of(child.pid()), 65534U);
}

} // namespace
} // namespace nimbus::process
