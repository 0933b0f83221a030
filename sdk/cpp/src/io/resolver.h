#pragma once

#include "base/time.h"

#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace nimbus::detail {

/// An IPv4 or IPv6 address with a port, as the socket calls take it.
class SocketAddress {
public:
    SocketAddress(const sockaddr* address, socklen_t size, std::uint16_t port);

    /// Numeric forms only: 127.0.0.1, ::1. Throws Error for anything else.
    static SocketAddress from_numeric(const std::string& text, std::uint16_t port);

    int family() const noexcept { return storage_.ss_family; }
    const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t size() const noexcept { return size_; }

private:
    sockaddr_storage storage_{};
    socklen_t size_;
};

/// Is `host` an address rather than a name?
bool is_numeric_host(const std::string& host);

/// The addresses of `host`, in the order to try; never empty. First by the file that
/// NIMBUS_HOSTS_FILE names, in which the local cloud has the names of its clusters, then by c-ares,
/// since glibc's resolver needs its NSS plug-ins, which a static executable cannot load. Throws
/// Error, also when the deadline is reached.
std::vector<SocketAddress> resolve_host(const std::string& host, std::uint16_t port,
                                        const Deadline& deadline);

} // namespace nimbus::detail
