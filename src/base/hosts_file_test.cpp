#include "base/file.h"
#include "base/hosts_file.h"

#include <gtest/gtest.h>

namespace nimbus {
namespace {

TEST(HostsFile, HasALineForEachAddressWithItsNames)
{
    const HostAddresses expected{
        {"localhost", "127.0.0.1"}, {"me", "127.0.0.1"}, {"ip6-localhost", "::1"}};
    EXPECT_EQ(parse_hosts("127.0.0.1 localhost\tme\n"
                          "\n"
                          "# 10.0.0.1 commented\n"
                          "  ::1\tip6-localhost # 10.0.0.2\r\n"
                          "10.0.0.3\n"),
              expected);
    EXPECT_EQ(parse_hosts(""), HostAddresses{});
}

TEST(HostsFile, GivesANameItsFirstAddressWhateverItsCase)
{
    EXPECT_EQ(parse_hosts("127.0.0.2 Db\n127.0.0.3 dB\n"), (HostAddresses{{"db", "127.0.0.2"}}));
}

TEST(HostsFile, WhatIsWrittenIsRead)
{
    const HostAddresses hosts{{"a.example", "127.0.0.2"}, {"b.example", "127.0.0.3"}};
    EXPECT_EQ(hosts_lines(hosts), "127.0.0.2 a.example\n127.0.0.3 b.example\n");
    EXPECT_EQ(parse_hosts(hosts_lines(hosts)), hosts);
}

TEST(HostsFile, IsLookedIntoIfItIsThere)
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "hosts";
    EXPECT_EQ(find_host(file, "a.example"), std::nullopt);
    EXPECT_EQ(find_host({}, "a.example"), std::nullopt);
    write_file(file, "127.0.0.2 a.example\n");
    EXPECT_EQ(find_host(file, "A.Example"), "127.0.0.2");
    EXPECT_EQ(find_host(file, "b.example"), std::nullopt);
}

} // namespace
} // namespace nimbus
