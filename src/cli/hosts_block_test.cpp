#include "base/error.h"
#include "cli/hosts_block.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

constexpr const char* home = "/home/me/.nimbus";
const HostAddresses one{{"a.dsql.us-east-1.on.aws", "127.64.0.1"}};
constexpr const char* block_of_one = "# BEGIN names of the local cloud in /home/me/.nimbus\n"
                                     "127.64.0.1 a.dsql.us-east-1.on.aws\n"
                                     "# END names of the local cloud in /home/me/.nimbus\n";

TEST(HostsBlock, StandsAtTheEnd)
{
    EXPECT_EQ(with_names("127.0.0.1 localhost\n", home, one),
              std::string("127.0.0.1 localhost\n") + block_of_one);
    EXPECT_EQ(with_names("127.0.0.1 localhost", home, one),
              std::string("127.0.0.1 localhost\n") + block_of_one);
    EXPECT_EQ(with_names("", home, one), block_of_one);
}

TEST(HostsBlock, IsWrittenOnce)
{
    const auto text = with_names("127.0.0.1 localhost\n", home, one);
    EXPECT_EQ(with_names(text, home, one), text);
    EXPECT_TRUE(has_block(text, home));
    EXPECT_FALSE(has_block(text, "/tmp/other"));
}

TEST(HostsBlock, StaysWhereItIs)
{
    const auto text = with_names("127.0.0.1 localhost\n", home, one) + "10.0.0.1 later\r\n";
    const auto changed = with_names(text, home, {{"b.dsql.us-east-1.on.aws", "127.64.0.2"}});
    EXPECT_EQ(changed, "127.0.0.1 localhost\n"
                       "# BEGIN names of the local cloud in /home/me/.nimbus\n"
                       "127.64.0.2 b.dsql.us-east-1.on.aws\n"
                       "# END names of the local cloud in /home/me/.nimbus\n"
                       "10.0.0.1 later\r\n");
    EXPECT_EQ(with_names(changed, home, {}), "127.0.0.1 localhost\n10.0.0.1 later\r\n");
}

TEST(HostsBlock, IsOneForEachHome)
{
    const auto both = with_names(with_names("", home, one), "/tmp/other", one);
    EXPECT_EQ(with_names(both, "/tmp/other", {}), block_of_one);
    EXPECT_EQ(with_names(block_of_one, "/tmp/other", {}), block_of_one);
}

TEST(HostsBlock, IsNotRemovedWithoutItsEnd)
{
    const std::string damaged = "# BEGIN names of the local cloud in /home/me/.nimbus\n"
                                "10.0.0.1 precious\n";
    EXPECT_THROW(with_names(damaged, home, {}), Error);
    EXPECT_THROW(with_names(damaged, home, one), Error);
    EXPECT_EQ(with_names(damaged, "/tmp/other", {}), damaged);
}

TEST(HostsBlock, HomesWithStrangePathsHaveOne)
{
    const std::string strange = "/tmp/a\nb ";
    const auto text = with_names("127.0.0.1 localhost\n", strange, one);
    EXPECT_EQ(with_names(text, strange, one), text);
    EXPECT_EQ(with_names(text, strange, {}), "127.0.0.1 localhost\n");
}

TEST(MissingNames, AreThoseWithoutTheirAddress)
{
    EXPECT_EQ(missing_names("127.64.0.1 a.dsql.us-east-1.on.aws\n", one), HostAddresses{});
    EXPECT_EQ(missing_names("127.64.0.9 A.dsql.us-east-1.on.aws\n", one), one);
    EXPECT_EQ(missing_names("", one), one);
}

} // namespace
} // namespace nimbus::cli
