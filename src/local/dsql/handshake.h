#pragma once

#include "local/dsql/channel.h"
#include "local/dsql/refusal.h"
#include "local/dsql/settings.h"

#include <expected>
#include <functional>
#include <optional>

namespace nimbus::local::dsql {

/// The first part of a connection: everything up to a StartupMessage inside TLS.
class Handshake {
public:
    struct Result {
        /// Unset: the connection has done its work (a cancel request).
        std::optional<StartupWishes> wishes;
    };

    /// `cancel` gets the body of a CancelRequest.
    Handshake(Channel& channel, Buffer& received, ssl_ctx_st* tls,
              std::function<void(std::string_view body)> cancel)
        : channel_(channel), received_(received), tls_(tls), cancel_(std::move(cancel))
    {
    }

    /// SSLRequest, TLS from the first byte on, GSSENCRequest, CancelRequest, StartupMessage.
    /// Returns what the client is refused with; throws what Channel throws.
    std::expected<Result, Refusal> run(const Deadline& deadline);

private:
    std::expected<std::optional<Result>, Refusal> packet(const Deadline& deadline);
    std::expected<Result, Refusal> startup(std::uint32_t version, std::string_view body,
                                           const Deadline& deadline);

    Channel& channel_;
    Buffer& received_;
    ssl_ctx_st* tls_;
    std::function<void(std::string_view body)> cancel_;
};

} // namespace nimbus::local::dsql
