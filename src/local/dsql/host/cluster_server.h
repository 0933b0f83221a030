#pragma once

#include "base/mutex.h"
#include "local/dsql/database_copies.h"
#include "local/dsql/host/copy_server.h"
#include "local/dsql/host/dsql_host.h"
#include "local/dsql/host/listener.h"
#include "local/dsql/host/tls_context.h"
#include "local/postgres/postgres_server.h"

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace nimbus::local::dsql {

/// One cluster: its PostgreSQL and, in front, its listener and those of its copies. Thread-safe.
class ClusterServer {
public:
    /// `socket` listens on the cluster's address; clients wait in its backlog until `start`.
    ClusterServer(const DsqlHostOptions& options, AccessControl& access,
                  postgres::Installation installation, Cluster cluster, UniqueFd socket);
    /// As `stop`.
    ~ClusterServer();
    ClusterServer(const ClusterServer&) = delete;
    ClusterServer& operator=(const ClusterServer&) = delete;

    const std::string& address() const noexcept { return context_.cluster.address; }

    /// Returns when clients are served. Throws Error, then nothing is.
    void start();
    /// A `start` that has not begun will fail. Does not wait.
    void forbid_start() noexcept { start_forbidden_ = true; }
    /// Ends the sessions and stops PostgreSQL.
    void stop();
    /// Stops and deletes everything. Throws Error.
    void remove();

    /// As of ClusterHost.
    ClusterCopy copy();
    void remove_copy(const std::string& id);
    void back_up(const std::filesystem::path& directory);

private:
    void close() noexcept NIMBUS_REQUIRES(mutex_);

    DsqlHostOptions options_;
    postgres::Server postgres_;
    std::atomic<bool> start_forbidden_ = false;
    Mutex mutex_;                               ///< one of all that can be asked at a time
    UniqueFd socket_ NIMBUS_GUARDED_BY(mutex_); ///< until the listener has it
    TlsContext tls_ NIMBUS_GUARDED_BY(mutex_);
    SessionContext context_; ///< changed while no session has it: before there is a listener
    /// Its threads use what stands above.
    std::optional<Listener> listener_ NIMBUS_GUARDED_BY(mutex_);
    std::optional<DatabaseCopies> databases_ NIMBUS_GUARDED_BY(mutex_); ///< while it is served
    std::map<std::string, std::unique_ptr<CopyServer>> copies_ NIMBUS_GUARDED_BY(mutex_); ///< by id
};

} // namespace nimbus::local::dsql
