#include "io/resolver.h"

#include "base/error.h"
#include "base/hosts_file.h"
#include "io/environment.h"

#include <algorithm>
#include <ares.h>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>

namespace nimbus::detail {

namespace {

std::optional<SocketAddress> parse_numeric(const std::string& text, std::uint16_t port)
{
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        return SocketAddress(reinterpret_cast<const sockaddr*>(&v4), sizeof v4, port);
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        return SocketAddress(reinterpret_cast<const sockaddr*>(&v6), sizeof v6, port);
    }
    return std::nullopt;
}

/// One look-up: a channel of c-ares and what its callback was told.
class Lookup {
public:
    explicit Lookup(std::uint16_t port) : port_(port)
    {
        if (const int status = ares_init(&channel_); status != ARES_SUCCESS)
            throw Error(std::string("starting the resolver: ") + ares_strerror(status));
    }
    Lookup(const Lookup&) = delete;
    Lookup& operator=(const Lookup&) = delete;
    ~Lookup() { ares_destroy(channel_); }

    std::vector<SocketAddress> run(const std::string& host, const Deadline& deadline)
    {
        ares_addrinfo_hints hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &Lookup::on_answer, this);
        while (!done_ && !deadline.reached())
            wait(deadline);
        if (!done_) {
            ares_cancel(channel_);
            throw Error("resolving " + host + " took too long");
        }
        if (status_ != ARES_SUCCESS || addresses_.empty())
            throw Error("cannot resolve " + host + ": " + ares_strerror(status_));
        return std::move(addresses_);
    }

private:
    static void on_answer(void* self, int status, int, ares_addrinfo* answer)
    {
        auto& lookup = *static_cast<Lookup*>(self);
        const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(
            answer, &ares_freeaddrinfo);
        lookup.done_ = true;
        lookup.status_ = status;
        for (auto* node = answer ? answer->nodes : nullptr; node; node = node->ai_next)
            if (node->ai_family == AF_INET || node->ai_family == AF_INET6)
                lookup.addresses_.emplace_back(node->ai_addr, node->ai_addrlen, lookup.port_);
    }

    void wait(const Deadline& deadline)
    {
        std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
        const int wanted = ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM);
        std::vector<pollfd> entries;
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            short events = 0;
            if (ARES_GETSOCK_READABLE(wanted, i))
                events |= POLLIN;
            if (ARES_GETSOCK_WRITABLE(wanted, i))
                events |= POLLOUT;
            if (events)
                entries.push_back({sockets[i], events, 0});
        }
        const auto limit = std::min<std::int64_t>(deadline.remaining().count(), 1000);
        timeval maximum{static_cast<time_t>(limit / 1000),
                        static_cast<suseconds_t>(limit % 1000 * 1000)};
        timeval chosen{};
        const auto* timeout = ares_timeout(channel_, &maximum, &chosen);
        const auto milliseconds = timeout->tv_sec * 1000 + timeout->tv_usec / 1000;
        if (::poll(entries.data(), entries.size(), static_cast<int>(milliseconds)) < 0 &&
            errno != EINTR)
            throw_system_error(errno, "waiting for the resolver");
        bool any = false;
        for (const auto& entry : entries) {
            if (!entry.revents)
                continue;
            any = true;
            ares_process_fd(
                channel_, entry.revents & (POLLIN | POLLERR | POLLHUP) ? entry.fd : ARES_SOCKET_BAD,
                entry.revents & POLLOUT ? entry.fd : ARES_SOCKET_BAD);
        }
        if (!any)
            ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }

    ares_channel channel_ = nullptr;
    std::uint16_t port_;
    bool done_ = false;
    int status_ = ARES_SUCCESS;
    std::vector<SocketAddress> addresses_;
};

} // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size, std::uint16_t port)
    : size_(std::min<socklen_t>(size, sizeof storage_))
{
    std::memcpy(&storage_, address, size_);
    if (storage_.ss_family == AF_INET6)
        reinterpret_cast<sockaddr_in6*>(&storage_)->sin6_port = htons(port);
    else
        reinterpret_cast<sockaddr_in*>(&storage_)->sin_port = htons(port);
}

SocketAddress SocketAddress::from_numeric(const std::string& text, std::uint16_t port)
{
    if (auto address = parse_numeric(text, port))
        return *address;
    throw Error("\"" + text + "\" is not an IP address");
}

bool is_numeric_host(const std::string& host)
{
    return parse_numeric(host, 0).has_value();
}

std::vector<SocketAddress> resolve_host(const std::string& host, std::uint16_t port,
                                        const Deadline& deadline)
{
    if (auto address = parse_numeric(host, port))
        return {*address};
    if (const auto known = find_host(environment_variable("NIMBUS_HOSTS_FILE").value_or(""), host))
        return {SocketAddress::from_numeric(*known, port)};
    return Lookup(port).run(host, deadline);
}

} // namespace nimbus::detail
