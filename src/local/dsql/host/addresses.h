#pragma once

#include "base/unique_fd.h"

#include <string>

namespace nimbus::local::dsql {

/// An address of this machine's loopback network with a socket that listens on it.
struct ListeningAddress {
    std::string address; ///< 127.x.y.z
    UniqueFd socket;     ///< non-blocking
};

/// Listens on `address`. Throws Error when it is taken or not one of loopback's.
ListeningAddress listen_on(const std::string& address, int port);

/// Listens on an address of 127.64.0.0/10 whose `port` is free; which one follows from `name` as
/// far as others leave it free. That range holds neither 127.0.0.1, where a PostgreSQL of the
/// system may listen, nor 127.0.0.53 and the like.
ListeningAddress listen_somewhere(const std::string& name, int port);

} // namespace nimbus::local::dsql
