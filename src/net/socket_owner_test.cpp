#include "base/unique_fd.h"
#include "net/socket_owner.h"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nimbus::net {
namespace {

constexpr uid_t somebody = 65534;

sockaddr_in socket_address(LoopbackEnd end)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(end.port);
    address.sin_addr.s_addr = htonl(end.address);
    return address;
}

LoopbackEnd end_of(const UniqueFd& socket)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return {ntohl(address.sin_addr.s_addr), ntohs(address.sin_port)};
}

UniqueFd listener(std::uint32_t address = INADDR_LOOPBACK)
{
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto any = socket_address({address, 0});
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    EXPECT_EQ(::listen(socket.get(), 8), 0);
    return socket;
}

UniqueFd connection_to(LoopbackEnd end)
{
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto there = socket_address(end);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there), 0);
    return socket;
}

TEST(SocketOwner, OfAListenerAndOfBothEndsOfAConnection)
{
    const auto server = listener();
    const auto client = connection_to(end_of(server));
    const UniqueFd accepted(::accept(server.get(), nullptr, nullptr));
    EXPECT_EQ(loopback_socket_owner(end_of(server), {}), ::geteuid());
    EXPECT_EQ(loopback_socket_owner(end_of(client), end_of(server)), ::geteuid());
    EXPECT_EQ(loopback_socket_owner(end_of(accepted), end_of(client)), ::geteuid());
}

TEST(SocketOwner, OnAnyAddressOfTheLoopbackNetwork)
{
    const auto server = listener(0x7F81'0203U);
    const auto client = connection_to(end_of(server));
    EXPECT_EQ(loopback_socket_owner(end_of(server), {}), ::geteuid());
    EXPECT_EQ(loopback_socket_owner(end_of(client), end_of(server)), ::geteuid());
}

TEST(SocketOwner, OfAnotherUsersConnection)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can make another user's socket";
    const auto server = listener();
    ::setfsuid(somebody); // of this thread alone
    const auto client = connection_to(end_of(server));
    ::setfsuid(0);
    EXPECT_EQ(loopback_socket_owner(end_of(client), end_of(server)), somebody);
}

TEST(SocketOwner, OfNothing)
{
    const auto server = listener();
    const auto client = connection_to(end_of(server));
    EXPECT_EQ(loopback_socket_owner(end_of(server), {INADDR_LOOPBACK, 1}), std::nullopt);
    EXPECT_EQ(loopback_socket_owner(end_of(client), {}), std::nullopt);
}

} // namespace
} // namespace nimbus::net
