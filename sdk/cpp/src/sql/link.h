#pragma once

#include "core/invocation.h"
#include "io/tls_stream.h"
#include "sql/connection.h"

#include <chrono>
#include <functional>
#include <memory>
#include <nimbus/sql.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::sql::detail {

/// What a link needs to know; read from the function's environment by settings_from_environment.
struct LinkSettings {
    database_info info;
    std::uint16_t port = 5432;
    std::string ca_file;                   ///< empty: the system's
    std::function<std::string()> password; ///< a fresh token
    /// DSQL ends connections after 60 minutes (Aurora DSQL User Guide, "Cluster quotas").
    std::chrono::milliseconds max_connection_age = std::chrono::minutes{55};
};

/// For the database `name`: SQL_<NAME>_…, AWS_REGION, the AWS_* credentials, PGSSLROOTCERT. Throws
/// usage_error when the database is not there.
LinkSettings settings_from_environment(const std::string& name);

/// May refuse the results by what it throws.
using ResultsReader = std::function<void(std::span<const result>)>;

/// One database of the application and the connection to it, which outlives invocations. For one
/// thread.
class Link {
public:
    /// `settings` is asked once, when a statement or info() needs it. Nothing waits longer than
    /// `invocation` lasts.
    Link(std::string name, std::function<LinkSettings()> settings,
         std::shared_ptr<const nimbus::detail::CurrentInvocation> invocation);

    const std::string& name() const noexcept { return name_; }
    const database_info& info() { return settings().info; }
    result run(scope in, std::string_view text, const parameter_list& parameters);
    void run_each(scope in, const bound_statement& statement, const RowTaker& take);
    /// As a transaction of their own where `in` is none. `read` gets the results before they are
    /// committed, unless the statements only read or give no rows: then COMMIT goes out with them.
    void run_all(scope in, std::span<const statement_text> statements, const ResultsReader& read);
    std::uint64_t copy_in(scope in, std::string_view text, std::string_view rows);
    void run_transaction(const transaction_options& options, const std::function<void(int)>& body);

private:
    const LinkSettings& settings();
    ConnectionSettings connection_settings();
    Deadline deadline() const { return invocation_->deadline(); }
    Connection& ready_connection();
    std::unique_ptr<Connection> connect();
    void check_scope(scope in) const;
    /// When the time is over before `work` has its answer, the server is asked to give it up.
    template <class Work>
    auto on_connection(Work work);
    /// Connects where that is necessary, and once more when nothing of `work` was sent.
    template <class Work>
    auto on_ready_connection(Work work);
    /// Throws usage_error when `work` leaves a transaction open.
    template <class Work>
    auto on_its_own(Work work);
    /// `work` gets the connection, in the transaction or on its own, again after a conflict then.
    template <class Work>
    auto perform(scope in, Work work);
    /// BEGIN in that mode, the statements and COMMIT in one trip.
    std::vector<result> run_at_once(std::string_view begin,
                                    std::span<const bound_statement> statements);
    /// COMMIT in a second trip, if `read` takes the results.
    void run_then_commit(std::span<const bound_statement> statements, const ResultsReader& read);
    /// `work` begins a transaction and commits it; again after a conflict.
    template <class Work>
    auto in_own_transaction(Work work);
    void roll_back() noexcept;
    template <class Attempt>
    auto retry_conflicts(const transaction_options& options, Attempt attempt);
    template <class Attempt, class MayRepeat>
    auto retry_conflicts(const transaction_options& options, Attempt attempt, MayRepeat may_repeat);

    const std::string name_; ///< as the application declares it
    std::function<LinkSettings()> read_settings_;
    std::optional<LinkSettings> settings_;
    std::optional<TlsRoots> roots_;
    std::unique_ptr<Connection> connection_;
    std::shared_ptr<const nimbus::detail::CurrentInvocation> invocation_;
    bool in_transaction_ = false;
    bool is_reading_rows_ = false; ///< run_each hands them over
};

} // namespace nimbus::sql::detail
