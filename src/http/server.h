#pragma once

#include "http/message.h"
#include "net/event_loop.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace nimbus::http {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; ///< 0: the kernel chooses a free one
    std::size_t max_header_bytes = 16 * 1024;
    std::size_t max_body_bytes = 10 * 1024 * 1024;
    /// Of all bodies that are still arriving. Beyond, one of them is answered with 503: the oldest
    /// of those that send less than `slow_body` bytes per second, else the youngest.
    std::size_t max_arriving_bytes = 128 * 1024 * 1024;
    std::size_t slow_body = 1024 * 1024;
    /// How long a connection may take to send a request, counted from the one before.
    std::chrono::milliseconds idle_timeout{60'000};
    /// What a request that is malformed (400), has headers (431) or a body (413) over the limit, or
    /// makes way (503), is answered with; the connection closes afterwards. Unset: a JSON
    /// `{"message": …}`.
    std::function<Response(int status)> protocol_error;
};

/// Answers one request; call it once, from any thread. Dropping it uncalled closes the connection.
/// The loop outlives it.
using Responder = std::move_only_function<void(Response)>;
/// Called on the loop's thread for each complete request; must not block.
using Handler = std::function<void(Request, Responder)>;

/// An HTTP/1.1 server (RFC 9112) on one address: keep-alive, pipelining (answers in order),
/// `Expect: 100-continue`, chunked request bodies, HEAD without a body.
class Server {
public:
    /// Binds and listens; throws Error that names the address when that fails.
    Server(net::EventLoop& loop, ServerOptions options, Handler handler);
    /// On the loop's thread, or after it has stopped: closes the listener and all connections.
    /// Responders still out become harmless; they have to be gone before the loop is.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const noexcept;
    const std::string& address() const noexcept;
    std::size_t connections() const noexcept;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace nimbus::http
