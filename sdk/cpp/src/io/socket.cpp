#include "io/socket.h"

#include "base/error.h"
#include "io/resolver.h"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

namespace nimbus::detail {

namespace {

std::string system_text(int error_number)
{
    return std::generic_category().message(error_number);
}

std::vector<SocketAddress> addresses_of(const std::string& host, std::uint16_t port,
                                        const Deadline& deadline)
{
    try {
        return resolve_host(host, port, deadline);
    } catch (const Error& failure) {
        throw StreamError(failure.what());
    }
}

/// An errno value, 0 once connected.
int connect_to(int socket, const SocketAddress& address, const Deadline& deadline)
{
    if (::connect(socket, address.data(), address.size()) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    wait_for_socket(socket, POLLOUT, deadline);
    int error_number = 0;
    socklen_t size = sizeof error_number;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error_number, &size);
    return error_number;
}

} // namespace

UniqueFd connect_socket(const std::string& host, std::uint16_t port, const Deadline& deadline)
{
    std::string failure;
    for (const auto& address : addresses_of(host, port, deadline)) {
        UniqueFd socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket)
            throw StreamError("creating a socket: " + system_text(errno));
        if (const int error_number = connect_to(socket.get(), address, deadline);
            error_number != 0) {
            failure = system_text(error_number);
            continue;
        }
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return socket;
    }
    throw StreamError("connecting to " + host + ":" + std::to_string(port) + ": " + failure);
}

void wait_for_socket(int socket, short events, const Deadline& deadline)
{
    pollfd entry{socket, events, 0};
    for (;;) {
        const int ready = ::poll(&entry, 1, static_cast<int>(deadline.remaining().count()));
        if (ready > 0)
            return;
        if (ready < 0 && errno != EINTR)
            throw StreamError("waiting for the server: " + system_text(errno));
        if (deadline.reached())
            throw StreamTimeout("the server did not answer in time");
    }
}

} // namespace nimbus::detail
