#pragma once

#include "sql_connection.h"
#include "tls_stream.h"

#include <chrono>
#include <functional>
#include <memory>
#include <nimbus/sql.hpp>
#include <optional>
#include <string>

namespace nimbus::sql::detail {

/// What a link needs to know; read from the function's environment by settings_from_environment.
struct link_settings {
    database_info info;
    std::uint16_t port = 5432;
    std::string ca_file;                   ///< empty: the system's
    std::function<std::string()> password; ///< a fresh token
    /// DSQL ends connections after 60 minutes (Aurora DSQL User Guide, "Cluster quotas").
    std::chrono::milliseconds max_connection_age = std::chrono::minutes{55};
};

/// For the database `name`: SQL_<NAME>_…, AWS_REGION, the AWS_* credentials, PGSSLROOTCERT. Throws
/// usage_error when the database is not there.
link_settings settings_from_environment(const std::string& name);

/// One database of the application and the connection to it, which outlives invocations. For one
/// thread.
class link {
public:
    /// `settings` is asked once, when a statement or info() needs it.
    explicit link(std::function<link_settings()> settings);

    /// The end of the invocation under way: nothing waits longer.
    void set_deadline(std::chrono::system_clock::time_point deadline) noexcept
    {
        deadline_ = deadline;
    }

    const database_info& info() { return settings().info; }
    result run(scope in, std::string_view text, const parameter_list& parameters);
    void run_transaction(const transaction_options& options, const std::function<void()>& body);

private:
    const link_settings& settings();
    Deadline deadline() const;
    connection& ready_connection();
    std::unique_ptr<connection> connect();
    result run_or_reconnect(std::string_view text, const parameter_list& parameters);
    void roll_back() noexcept;
    template <class Attempt>
    auto retry_conflicts(const transaction_options& options, Attempt attempt);

    std::function<link_settings()> read_settings_;
    std::optional<link_settings> settings_;
    std::optional<TlsRoots> roots_;
    std::unique_ptr<connection> connection_;
    std::chrono::system_clock::time_point deadline_ = std::chrono::system_clock::time_point::max();
    bool in_transaction_ = false;
};

} // namespace nimbus::sql::detail
