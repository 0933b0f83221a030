#pragma once

#include "base/time.h"
#include "io/http_answer.h"
#include "io/tls_stream.h"
#include "sigv4/sigv4.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// A client for calls that are few and small. libcurl would make the static executable larger by
/// more than all else that is in it.
namespace nimbus::detail {

/// Where an HTTP server is.
struct HttpEndpoint {
    bool tls = true;
    std::string host; ///< a name or an address; IPv6 without brackets
    std::uint16_t port = 443;

    /// http or https, host and, where it is not the scheme's, port: http://127.0.0.1:4566. Nothing
    /// for anything else.
    static std::optional<HttpEndpoint> parse(std::string_view url);

    /// What the Host header says.
    std::string authority() const;

    bool operator==(const HttpEndpoint&) const = default;
};

/// Sends one request on a connection of its own and waits for the answer. `roots` is asked for when
/// `to` speaks TLS. Throws StreamError, and Error when the answer is not HTTP or has more than
/// `max_body` bytes.
HttpAnswer exchange(const HttpEndpoint& to, const sigv4::Request& request, std::string_view body,
                    const TlsRoots* roots, std::size_t max_body, const Deadline& deadline);

} // namespace nimbus::detail
