#pragma once

#include "io/socket.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace nimbus::detail {

/// The roots that servers' certificates must lead to, read once: a system's bundle takes
/// milliseconds.
class TlsRoots {
public:
    /// `ca_file`: PEM. Empty: the system's. Throws Error.
    explicit TlsRoots(const std::string& ca_file);

    ssl_ctx_st* context() const noexcept { return context_.get(); }

private:
    std::shared_ptr<ssl_ctx_st> context_;
};

/// A TCP connection that changes to TLS in the middle, as PostgreSQL's does. Every call waits until
/// its deadline at most.
class TlsStream {
public:
    /// Resolves and connects; tries each address. Throws StreamError.
    static TlsStream connect(const std::string& host, std::uint16_t port, const Deadline& deadline);

    TlsStream(TlsStream&&) noexcept = default;
    TlsStream& operator=(TlsStream&&) noexcept = default;
    ~TlsStream();

    /// TLS 1.2 or newer, with the full check of the certificate against `host`: SNI and DNS names,
    /// or the address where `host` is one.
    void start_tls(const TlsRoots& roots, const std::string& host, const Deadline& deadline);

    void write(std::string_view bytes, const Deadline& deadline);
    /// Appends what has arrived, at least one byte.
    void read(std::string& to, const Deadline& deadline);
    /// Appends what has arrived without waiting. False when the peer has closed the connection.
    bool poll(std::string& to);

private:
    explicit TlsStream(UniqueFd socket) noexcept;

    void wait_for_tls(int result, const Deadline& deadline) const;

    struct FreeSsl {
        void operator()(ssl_st* ssl) const noexcept;
    };

    UniqueFd socket_;
    std::unique_ptr<ssl_st, FreeSsl> ssl_;
};

} // namespace nimbus::detail
