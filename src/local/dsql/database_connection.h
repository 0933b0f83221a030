#pragma once

#include "base/time.h"
#include "local/dsql/channel.h"
#include "local/dsql/refusal.h"
#include "pgwire/frontend.h"

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nimbus::local::dsql {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// A connection to the cluster's own PostgreSQL through its socket, logged in. The server takes
/// every user's word for who they are: the socket's directory is closed to others.
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

    Channel& channel() noexcept { return channel_; }
    Buffer& received() noexcept { return received_; }
    /// What the server said of its parameters (server_version, TimeZone, …), in order.
    const Parameters& statuses() const noexcept { return statuses_; }
    const pgwire::CancelKey& cancel_key() const noexcept { return cancel_key_; }

private:
    explicit DatabaseConnection(Channel channel) : channel_(std::move(channel)) {}

    Channel channel_;
    Buffer received_;
    Parameters statuses_;
    pgwire::CancelKey cancel_key_;
};

/// Asks the server to stop what that connection is doing. Best effort.
void cancel_statement(const std::filesystem::path& socket_path,
                      const pgwire::CancelKey& key) noexcept;

} // namespace nimbus::local::dsql
