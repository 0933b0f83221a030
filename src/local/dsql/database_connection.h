#pragma once

#include "base/time.h"
#include "local/dsql/channel.h"
#include "local/dsql/refusal.h"
#include "pgwire/frontend.h"

#include <expected>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nimbus::local::dsql {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// A connection to the cluster's own PostgreSQL through its socket, logged in with the server's
/// password, which lies beside the socket. Who has it may be any role: the client's token was
/// checked before. A role that has no password yet, as it is new, is given this one.
class DatabaseConnection {
public:
    /// The user, and settings for the session. PostgreSQL's own refusal is returned; throws
    /// ChannelClosed when there is no server, TimedOut, Stopped.
    static std::expected<DatabaseConnection, Refusal> open(const std::filesystem::path& socket_path,
                                                           const Parameters& parameters,
                                                           int stop_fd, const Deadline& deadline);

    /// One text of statements, whose results are given up but for the last row's first value.
    std::expected<std::optional<std::string>, Refusal> run(std::string_view text,
                                                           const Deadline& deadline);

    /// The same of statements one by one, up to the first that fails, between those of a client: by
    /// names of their own, and not as a query, which would end what the client has prepared.
    std::expected<std::optional<std::string>, Refusal>
    execute(std::initializer_list<std::string_view> statements, const Deadline& deadline);

    /// `execute` in two: `answer` may be asked again when it throws TimedOut.
    void send(std::initializer_list<std::string_view> statements, const Deadline& deadline);
    std::expected<std::optional<std::string>, Refusal> answer(std::size_t statements,
                                                              const Deadline& deadline);
    /// Sends a Sync and reads up to what answers it.
    void synchronize(const Deadline& deadline);

    Channel& channel() noexcept { return channel_; }
    Buffer& received() noexcept { return received_; }
    /// What the server said of its parameters (server_version, TimeZone, …), in order.
    const Parameters& statuses() const noexcept { return statuses_; }
    const pgwire::CancelKey& cancel_key() const noexcept { return cancel_key_; }

private:
    static std::expected<DatabaseConnection, Refusal>
    log_in(const std::filesystem::path& socket_path, const std::string& password,
           const Parameters& parameters, int stop_fd, const Deadline& deadline);

    explicit DatabaseConnection(Channel channel) : channel_(std::move(channel)) {}

    Channel channel_;
    Buffer received_;
    Parameters statuses_;
    pgwire::CancelKey cancel_key_;
    std::size_t closed_ = 0; ///< statements of `send` that are answered
    std::optional<std::string> value_;
};

/// Asks the server to stop what that connection is doing. Best effort.
void cancel_statement(const std::filesystem::path& socket_path,
                      const pgwire::CancelKey& key) noexcept;

} // namespace nimbus::local::dsql
