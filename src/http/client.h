#pragma once

#include "http/message.h"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace nimbus::http {

struct ClientOptions {
    std::chrono::milliseconds connect_timeout{5'000};
    /// From the first byte of the request to the last of the answer. A body gets more: a second for
    /// each 16 KiB, so that a slow uplink is no failure.
    std::chrono::milliseconds total_timeout{70'000};
    /// How long nothing at all may move, in either direction.
    std::chrono::seconds idle_timeout{70};
    std::string ca_file; ///< PEM; empty: the system's store, or AWS_CA_BUNDLE
};

/// How one request is sent.
struct SendOptions {
    /// Replaces both timeouts of the client's options: the server is known to be silent that long.
    std::optional<std::chrono::milliseconds> total_timeout = {};
    /// On a new connection. One that was kept open may turn out to be closed, and then nobody knows
    /// whether the server acted.
    bool fresh_connection = false;
};

/// Blocking HTTP over libcurl: connection reuse, proxies from the environment (but not to this
/// machine itself), TLS 1.2 or newer with verification. Any thread may call; each call takes an
/// idle handle from the client's own pool.
class Client {
public:
    explicit Client(ClientOptions options = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// `origin`: scheme, host and optional port, without path; `request.target` is sent as it is.
    /// Redirects are not followed. The request leaves this machine once at most. Throws
    /// TransportError when no complete answer came.
    Response send(const std::string& origin, const Request& request, const SendOptions& how = {});

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// No complete answer came. `maybe_sent` tells whether the server may have acted on the request.
class TransportError : public std::runtime_error {
public:
    TransportError(const std::string& message, bool maybe_sent)
        : std::runtime_error(message), maybe_sent_(maybe_sent)
    {
    }
    bool maybe_sent() const noexcept { return maybe_sent_; }

private:
    bool maybe_sent_;
};

} // namespace nimbus::http
