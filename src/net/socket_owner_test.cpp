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

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::uint16_t port_of(const UniqueFd& socket)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    return ntohs(address.sin_port);
}

UniqueFd listener()
{
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto any = loopback(0);
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    EXPECT_EQ(::listen(socket.get(), 8), 0);
    return socket;
}

UniqueFd connection_to(std::uint16_t port)
{
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto there = loopback(port);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there), 0);
    return socket;
}

TEST(SocketOwner, OfAListenerAndOfBothEndsOfAConnection)
{
    const auto server = listener();
    const auto client = connection_to(port_of(server));
    const UniqueFd accepted(::accept(server.get(), nullptr, nullptr));
    EXPECT_EQ(loopback_socket_owner(port_of(server), 0), ::geteuid());
    EXPECT_EQ(loopback_socket_owner(port_of(client), port_of(server)), ::geteuid());
    EXPECT_EQ(loopback_socket_owner(port_of(accepted), port_of(client)), ::geteuid());
}

TEST(SocketOwner, OfAnotherUsersConnection)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can make another user's socket";
    const auto server = listener();
    ::setfsuid(somebody); // of this thread alone
    const auto client = connection_to(port_of(server));
    ::setfsuid(0);
    EXPECT_EQ(loopback_socket_owner(port_of(client), port_of(server)), somebody);
}

TEST(SocketOwner, OfNothing)
{
    const auto server = listener();
    const auto client = connection_to(port_of(server));
    EXPECT_EQ(loopback_socket_owner(port_of(server), 1), std::nullopt);
    EXPECT_EQ(loopback_socket_owner(port_of(client), 0), std::nullopt);
}

} // namespace
} // namespace nimbus::net
