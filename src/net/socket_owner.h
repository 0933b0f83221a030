#pragma once

#include <cstdint>
#include <optional>
#include <sys/types.h>

namespace nimbus::net {

/// One end of a TCP connection on this machine's loopback network, 127.0.0.0/8.
struct LoopbackEnd {
    std::uint32_t address = 0; ///< as the port, in the machine's byte order
    std::uint16_t port = 0;
};

/// The user who made the TCP socket at `end`; its other end is at `other`, which is all zero for a
/// listener.
///
/// TCP has no SO_PEERCRED; the kernel's socket table has the answer (sock_diag(7)), within some
/// 10 µs. Nothing when there is no such socket, or the kernel was built without that interface.
std::optional<uid_t> loopback_socket_owner(LoopbackEnd end, LoopbackEnd other);

} // namespace nimbus::net
