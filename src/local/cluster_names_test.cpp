#include "base/file.h"
#include "local/cluster_names.h"

#include <gtest/gtest.h>

namespace nimbus::local {
namespace {

class ClusterNamesTest : public testing::Test {
protected:
    ClusterNamesTest() { write_file(system_hosts_, "127.0.0.1 localhost\n"); }

    TemporaryDirectory directory_;
    Home home_{directory_.path()};
    std::filesystem::path system_hosts_ = directory_.path() / "etc-hosts";
    ClusterNames names_{home_, system_hosts_};
};

TEST_F(ClusterNamesTest, AreAFileOfTheHome)
{
    names_.set({{"a.dsql.us-east-1.on.aws", "127.64.0.1"}});
    EXPECT_EQ(read_file(home_.hosts_file()), "127.64.0.1 a.dsql.us-east-1.on.aws\n");
    names_.set({});
    EXPECT_EQ(read_file(home_.hosts_file()), "");
}

TEST_F(ClusterNamesTest, StandBeforeTheSystemsForFunctions)
{
    names_.set({{"a.dsql.us-east-1.on.aws", "127.64.0.1"}});
    EXPECT_EQ(read_file(names_.functions_hosts()),
              "127.64.0.1 a.dsql.us-east-1.on.aws\n127.0.0.1 localhost\n");
}

TEST_F(ClusterNamesTest, FollowTheSystemsFileForFunctionsThatStartLater)
{
    const auto before = read_file(names_.functions_hosts());
    write_file(system_hosts_, "127.0.0.1 localhost\n10.0.0.1 intranet\n");
    EXPECT_EQ(read_file(names_.functions_hosts()), "127.0.0.1 localhost\n10.0.0.1 intranet\n");
    std::filesystem::remove(system_hosts_);
    EXPECT_EQ(read_file(names_.functions_hosts()), "");
    EXPECT_EQ(before, "127.0.0.1 localhost\n");
}

} // namespace
} // namespace nimbus::local
