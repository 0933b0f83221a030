#include "local/dsql/handshake.h"

#include "pgwire/backend.h"
#include "pgwire/frontend.h"

namespace nimbus::local::dsql {
namespace {

/// PostgreSQL's own limit, MAX_STARTUP_PACKET_LENGTH.
constexpr std::size_t max_startup_packet = 10'000;
constexpr unsigned char tls_handshake_record = 0x16; // RFC 8446 section 5.1

std::unexpected<Refusal> protocol_violation(std::string message)
{
    return std::unexpected(
        Refusal{.sqlstate = sqlstate::protocol_violation, .message = std::move(message)});
}

} // namespace

std::expected<Handshake::Result, Refusal> Handshake::run(const Deadline& deadline)
{
    if (channel_.peek(deadline) == tls_handshake_record)
        channel_.accept_tls(tls_, deadline);
    for (;;) {
        auto result = packet(deadline);
        if (!result)
            return std::unexpected(std::move(result.error()));
        if (*result)
            return **std::move(result);
    }
}

/// Nothing: another packet follows.
std::expected<std::optional<Handshake::Result>, Refusal> Handshake::packet(const Deadline& deadline)
{
    std::optional<pgwire::StartupPacket> packet;
    try {
        while (!(packet = pgwire::first_startup_packet(received_.view(), max_startup_packet)))
            channel_.read(received_, deadline);
    } catch (const pgwire::Malformed&) {
        return protocol_violation("invalid length of startup packet");
    }
    // What comes behind a request for encryption came before the encryption: somebody else's words.
    const bool alone = packet->size() == received_.size();
    switch (packet->code) {
    case pgwire::ssl_request_code:
        if (channel_.is_tls() || !alone)
            return protocol_violation("received unencrypted data after SSL request");
        received_.take(packet->size());
        channel_.write("S", deadline);
        channel_.accept_tls(tls_, deadline);
        return std::nullopt;
    case pgwire::gssenc_request_code:
        if (channel_.is_tls() || !alone)
            return protocol_violation("received unencrypted data after GSSAPI encryption request");
        received_.take(packet->size());
        channel_.write("N", deadline);
        return std::nullopt;
    case pgwire::cancel_request_code:
        cancel_(packet->body);
        return Result{};
    default: {
        auto result = startup(packet->code, packet->body, deadline);
        received_.take(packet->size());
        if (!result)
            return std::unexpected(std::move(result.error()));
        return *std::move(result);
    }
    }
}

std::expected<Handshake::Result, Refusal>
Handshake::startup(std::uint32_t version, std::string_view body, const Deadline& deadline)
{
    if (version >> 16 != 3)
        return std::unexpected(Refusal{
            .sqlstate = sqlstate::feature_not_supported,
            .message = "unsupported frontend protocol " + std::to_string(version >> 16) + "." +
                       std::to_string(version & 0xffff) + ": server supports 3.0 to 3.0"});
    if (!channel_.is_tls())
        return std::unexpected(
            Refusal{.sqlstate = sqlstate::protocol_violation,
                    .message = "unable to accept connection, SSL is mandatory",
                    .hint = "SSL connection required: connect with sslmode=verify-full, or "
                            "ssl: { rejectUnauthorized: true }."});
    try {
        auto wishes = read_startup_parameters(pgwire::startup_parameters(body));
        if (!wishes)
            return std::unexpected(std::move(wishes.error()));
        if (version != pgwire::protocol_3_0 || !wishes->unknown_options.empty()) {
            pgwire::BackendWriter writer;
            writer.negotiate_protocol_version(wishes->unknown_options);
            channel_.write(writer.bytes(), deadline);
        }
        return Result{*std::move(wishes)};
    } catch (const pgwire::Malformed&) {
        return protocol_violation(
            "invalid startup packet layout: expected terminator as last byte");
    }
}

} // namespace nimbus::local::dsql
