#pragma once

#include "base/log.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "local/dsql/cluster_host.h"
#include "local/dsql/session.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace nimbus::local::dsql {

struct DsqlHostOptions {
    /// Clusters live in directories of their own below it, named by id; made when there is none.
    std::filesystem::path directory;
    /// NIMBUS_POSTGRES_BIN, or empty: PostgreSQL is looked for when the first cluster is asked for.
    std::filesystem::path postgres_bin_directory;
    /// NIMBUS_POSTGRES_TEMPLATE_DIR or a directory of the home: initialised data directories that
    /// clusters are copied from. Several clouds may share it.
    std::filesystem::path template_directory;
    /// Signs the clusters' server certificates.
    crypto::CertificateAndKey authority;

    /// What happens inside a connection, and to a database that has just started.
    std::function<void(UniqueFd client, const SessionContext& context, int stop_fd,
                       const LoggedIn& logged_in)>
        serve = serve_session;
    std::function<void(const std::filesystem::path& socket_path, const std::string& superuser)>
        bootstrap = bootstrap_cluster;

    /// What is to go wrong on demand, in all clusters.
    std::shared_ptr<FaultInjector> faults = std::make_shared<FaultInjector>();
    Clock clock = system_now;
    Log log{};

    int port = 5432; ///< what DSQL's clients expect
    /// Connections at a time to one cluster; more get 53300, as at DSQL (whose limit is 10,000).
    unsigned max_connections = 200;
};

/// Serves DSQL clusters on this machine: for each a PostgreSQL of its own and a TLS listener on its
/// own loopback address.
class DsqlHost : public ClusterHost {
public:
    /// `access` must outlive the host.
    DsqlHost(DsqlHostOptions options, AccessControl& access);
    /// As `stop`.
    ~DsqlHost() override;
    DsqlHost(const DsqlHost&) = delete;
    DsqlHost& operator=(const DsqlHost&) = delete;

    /// Throws Error when PostgreSQL is not installed, too: so that creating a cluster says so.
    std::string reserve_address(const Cluster& cluster) override;
    void start(const Cluster& cluster, std::function<void(std::string failure)> done) override;
    void remove(const std::string& cluster_id,
                std::function<void(std::string failure)> done) override;
    ClusterCopy copy(const std::string& cluster_id) override;
    void remove_copy(const std::string& cluster_id, const std::string& copy_id) override;
    void back_up(const std::string& cluster_id, const std::filesystem::path& directory) override;

    /// Ends sessions (57P01) and stops every PostgreSQL, keeping the data; returns when no thread,
    /// process or socket of the host is left. `done` callbacks of what was under way come before
    /// that. Later calls of `start` and `remove` fail; stopping again does nothing.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace nimbus::local::dsql
