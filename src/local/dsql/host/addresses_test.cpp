#include "base/error.h"
#include "local/dsql/host/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

namespace nimbus::local::dsql {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A socket on all addresses, and the port that it got.
std::pair<UniqueFd, int> bind_everywhere()
{
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    socklen_t size = sizeof name;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size);
    return {std::move(socket), ntohs(name.sin_port)};
}

int free_port()
{
    return bind_everywhere().second;
}

TEST(Addresses, AreChosenByNameInARangeOfTheirOwn)
{
    const int port = free_port();
    const auto first = listen_somewhere("abc", port);
    EXPECT_THAT(first.address, StartsWith("127."));
    EXPECT_NE(first.address, "127.0.0.1");
    EXPECT_NE(listen_somewhere("abd", port).address, first.address);
}

TEST(Addresses, AreTheSameAgainWhenFreeAndOthersWhenTaken)
{
    const int port = free_port();
    auto first = listen_somewhere("abc", port);
    const auto second = listen_somewhere("abc", port);
    EXPECT_NE(second.address, first.address);
    first.socket.reset();
    EXPECT_EQ(listen_somewhere("abc", port).address, first.address);
}

TEST(Addresses, ThatAreTakenAreNamedWithTheWayOut)
{
    const int port = free_port();
    const auto first = listen_somewhere("abc", port);
    try {
        listen_on(first.address, port);
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr(first.address + ":" + std::to_string(port)));
        EXPECT_THAT(error.hint(), HasSubstr("ss -ltnp"));
    }
}

TEST(Addresses, RunOutWhenAProgramListensOnAllOfThem)
{
    const auto [wildcard, port] = bind_everywhere();
    ASSERT_EQ(::listen(wildcard.get(), 1), 0);
    try {
        listen_somewhere("abc", port);
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("taken on all loopback addresses"));
        EXPECT_THAT(error.hint(), HasSubstr("listen_addresses"));
    }
}

TEST(Addresses, StayOnLoopback)
{
    EXPECT_THROW(listen_on("0.0.0.0", 5432), UsageError);
    EXPECT_THROW(listen_on("192.168.1.1", 5432), UsageError);
    EXPECT_THROW(listen_on("localhost", 5432), UsageError);
}

} // namespace
} // namespace nimbus::local::dsql
