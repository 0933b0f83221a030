#pragma once

#include "base/log.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "local/dsql/cluster_host.h"
#include "local/dsql/contention.h"
#include "local/faults/fault_injector.h"
#include "local/iam/access_control.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

using SSL_CTX = struct ssl_ctx_st;

namespace nimbus::local::dsql {

/// A cluster's one database, as clients and its server know it.
inline constexpr std::string_view default_database = "postgres";

/// What all sessions of one cluster share. Owned by the cluster's listener, which outlives them.
struct SessionContext {
    Cluster cluster;                   ///< `address` is set
    std::filesystem::path socket_path; ///< of the cluster's PostgreSQL
    std::string superuser;
    std::string database{default_database}; ///< the server's, that clients know as postgres
    SSL_CTX* tls = nullptr;
    AccessControl* access = nullptr;
    /// Knows the server before the first session.
    std::shared_ptr<Contention> contention = std::make_shared<Contention>();
    /// What is to go wrong on demand.
    std::shared_ptr<FaultInjector> faults = std::make_shared<FaultInjector>();
    Clock clock = system_now;
    std::chrono::minutes max_duration{60}; ///< DSQL closes a connection after that
    /// Who was refused and why, with the connection's id, which clients find in the DETAIL of
    /// errors that end their connection. Who logs in is told the PostgreSQL process (its
    /// pg_backend_pid(), PQbackendPID in libpq), which the lines have, too.
    Log log{};
};

/// What makes a PostgreSQL a DSQL cluster, as SQL of the superuser's: the role `admin`, schema
/// `sys` and what belongs to it, the privileges of a new DSQL cluster.
std::string bootstrap_script(const std::string& superuser);

/// Executes that script. Run after each start; does nothing where it was done. Throws Error.
void bootstrap_cluster(const std::filesystem::path& socket_path, const std::string& superuser);

/// Makes a TLS context fit for serve_session: TLS 1.2 or newer without renegotiation, and ALPN
/// "postgresql", which clients that begin with TLS at once insist on (libpq's
/// sslnegotiation=direct). Called once by whoever makes the context.
void prepare_tls(SSL_CTX* context);

/// Told by a session, on its thread, that its client may be here.
using LoggedIn = std::function<void()>;

/// Serves one connection from its first byte to its end on the calling thread: SSLRequest, TLS,
/// start-up, token, then PostgreSQL as DSQL speaks it. `stop_fd` becomes readable when the cluster
/// stops; the session then ends with 57P01. Blocks SIGPIPE on the calling thread. Never throws.
void serve_session(UniqueFd client, const SessionContext& context, int stop_fd,
                   const LoggedIn& logged_in) noexcept;

} // namespace nimbus::local::dsql
