#pragma once

#include <cstdint>
#include <optional>
#include <sys/types.h>

namespace nimbus::net {

/// The user who made a TCP socket on this machine's loopback, 127.0.0.1: the one at `port`, with
/// its other end at `other_port`, or 0 for a listener. Ports in the machine's byte order.
///
/// TCP has no SO_PEERCRED; the kernel's socket table has the answer (sock_diag(7)), within some
/// 10 µs. Nothing when there is no such socket, or the kernel was built without that interface.
std::optional<uid_t> loopback_socket_owner(std::uint16_t port, std::uint16_t other_port);

} // namespace nimbus::net
