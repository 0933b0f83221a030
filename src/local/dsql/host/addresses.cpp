#include "local/dsql/host/addresses.h"

#include "base/assert.h"
#include "base/error.h"
#include "crypto/digest.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nimbus::local::dsql {
namespace {

constexpr int attempts = 32;
constexpr int backlog = 256;

/// An invalid descriptor, and errno, when the port is not to be had.
UniqueFd try_to_listen(in_addr address, int port)
{
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return {};
    // Connections of an earlier run that linger in TIME_WAIT are no obstacle.
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr = address;
    name.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
        ::listen(socket.get(), backlog) != 0) {
        const int error_number = errno;
        socket.reset();
        errno = error_number;
    }
    return socket;
}

std::string text_of(in_addr address)
{
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &address, text, sizeof text);
    return text;
}

in_addr candidate(const std::string& name, int attempt)
{
    const std::string hash = crypto::sha256(name + ":" + std::to_string(attempt));
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(hash[i]); };
    const std::uint32_t address = (127U << 24U) | ((64U | (byte(0) & 63U)) << 16U) |
                                  (std::uint32_t{byte(1)} << 8U) | (1U + byte(2) % 254U);
    NIMBUS_ASSERT(address >> 22U == (127U << 2U | 1U), "addresses lie in 127.64.0.0/10");
    return {htonl(address)};
}

} // namespace

ListeningAddress listen_on(const std::string& address, int port)
{
    in_addr parsed{};
    if (::inet_pton(AF_INET, address.c_str(), &parsed) != 1 ||
        (ntohl(parsed.s_addr) >> 24U) != 127U)
        throw UsageError("'" + address + "' is not an address of the loopback network 127.0.0.0/8");
    const std::string place = address + ":" + std::to_string(port);
    UniqueFd socket = try_to_listen(parsed, port);
    if (!socket && errno == EADDRINUSE)
        throw Error("Cannot listen on " + place + ": another program has that port",
                    "It may be another local cloud, or a PostgreSQL that listens on all addresses. "
                    "'ss -ltnp sport = :" +
                        std::to_string(port) + "' names it; stop it and try again.");
    if (!socket)
        throw_system_error(errno, "Cannot listen on " + place);
    return {address, std::move(socket)};
}

ListeningAddress listen_somewhere(const std::string& name, int port)
{
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const in_addr address = candidate(name, attempt);
        if (UniqueFd socket = try_to_listen(address, port))
            return {text_of(address), std::move(socket)};
        if (errno != EADDRINUSE)
            throw_system_error(
                errno, "Cannot listen on " + text_of(address) + ":" + std::to_string(port),
                "SQL databases get loopback addresses of their own, which needs all of 127.0.0.0/8 "
                "on the interface 'lo' ('ip address show lo').");
    }
    // So many addresses are not taken one by one.
    throw Error("Port " + std::to_string(port) + " is taken on all loopback addresses",
                "A program listens on it for 0.0.0.0 or [::], probably a PostgreSQL: 'ss -ltnp "
                "sport = :" +
                    std::to_string(port) +
                    "' names it. Stop it, or have it listen on 127.0.0.1 alone "
                    "(listen_addresses = 'localhost' in postgresql.conf).");
}

} // namespace nimbus::local::dsql
