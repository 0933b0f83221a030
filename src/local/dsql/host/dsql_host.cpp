#include "local/dsql/host/dsql_host.h"

#include "base/assert.h"
#include "base/error.h"
#include "base/mutex.h"
#include "local/dsql/host/addresses.h"
#include "local/dsql/host/cluster_server.h"
#include "net/worker_pool.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace nimbus::local::dsql {
namespace {

/// Starting and removing wait for PostgreSQL, not for the processor.
constexpr unsigned parallel_operations = 4;

using Done = std::function<void(std::string)>;

/// Runs `work` and reports what it threw.
template <class Work>
void report(const Done& done, Work work)
{
    std::string failure;
    try {
        work();
    } catch (const Error& error) {
        failure = sentences_of(error);
    } catch (const std::exception& error) {
        failure = error.what();
    }
    done(failure);
}

/// Identifiers become names of directories.
void check_identifier(const std::string& id)
{
    const bool fine = !id.empty() && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
    if (!fine)
        throw UsageError("'" + id + "' is not a cluster's identifier");
}

} // namespace

struct DsqlHost::Impl {
    Impl(DsqlHostOptions in, AccessControl& control)
        : options(std::move(in)), access(control),
          pool(std::make_unique<net::WorkerPool>(parallel_operations))
    {
    }

    void need_running() const NIMBUS_REQUIRES(mutex)
    {
        if (!pool)
            throw Error("The local cloud is stopping");
    }

    const postgres::Installation& need_installation() NIMBUS_REQUIRES(mutex)
    {
        if (!installation)
            installation = postgres::find_installation(options.postgres_bin_directory);
        return *installation;
    }

    std::shared_ptr<ClusterServer> make_server(const Cluster& cluster, UniqueFd socket)
        NIMBUS_REQUIRES(mutex)
    {
        return std::make_shared<ClusterServer>(options, access,
                                               installation.value_or(postgres::Installation{}),
                                               cluster, std::move(socket));
    }

    std::shared_ptr<ClusterServer> find(const std::string& id) NIMBUS_EXCLUDES(mutex)
    {
        const MutexLock lock(mutex);
        const auto found = clusters.find(id);
        return found == clusters.end() ? nullptr : found->second;
    }

    /// The cluster's server, no longer known to the host; nothing if there is none.
    std::shared_ptr<ClusterServer> take(const std::string& id) NIMBUS_REQUIRES(mutex)
    {
        const auto found = clusters.find(id);
        if (found == clusters.end())
            return nullptr;
        auto server = std::move(found->second);
        clusters.erase(found);
        return server;
    }

    /// A cluster that cannot be served gives its address back: clients are refused instead of
    /// waiting in the backlog.
    void forget(const std::string& id, const std::shared_ptr<ClusterServer>& server)
        NIMBUS_EXCLUDES(mutex)
    {
        const MutexLock lock(mutex);
        if (const auto found = clusters.find(id);
            found != clusters.end() && found->second == server)
            clusters.erase(found);
    }

    const DsqlHostOptions options;
    AccessControl& access;
    Mutex mutex; ///< never held while PostgreSQL is waited for
    std::optional<postgres::Installation> installation NIMBUS_GUARDED_BY(mutex);
    std::map<std::string, std::shared_ptr<ClusterServer>> clusters NIMBUS_GUARDED_BY(mutex);
    std::unique_ptr<net::WorkerPool> pool NIMBUS_GUARDED_BY(mutex); ///< until `stop`
};

DsqlHost::DsqlHost(DsqlHostOptions options, AccessControl& access)
    : impl_(std::make_unique<Impl>(std::move(options), access))
{
}

DsqlHost::~DsqlHost()
{
    stop();
    const MutexLock lock(impl_->mutex);
    NIMBUS_ASSERT(!impl_->pool && impl_->clusters.empty(), "a host that has stopped has nothing");
}

std::string DsqlHost::reserve_address(const Cluster& cluster)
{
    check_identifier(cluster.id);
    const MutexLock lock(impl_->mutex);
    impl_->need_running();
    if (const auto known = impl_->clusters.find(cluster.id); known != impl_->clusters.end())
        return known->second->address();
    impl_->need_installation();
    auto place = cluster.address.empty() ? listen_somewhere(cluster.id, impl_->options.port)
                                         : listen_on(cluster.address, impl_->options.port);
    Cluster served = cluster;
    served.address = place.address;
    impl_->clusters[cluster.id] = impl_->make_server(served, std::move(place.socket));
    return place.address;
}

void DsqlHost::start(const Cluster& cluster, std::function<void(std::string failure)> done)
{
    std::string refusal;
    {
        const MutexLock lock(impl_->mutex);
        const auto found = impl_->clusters.find(cluster.id);
        if (impl_->pool && found != impl_->clusters.end()) {
            impl_->pool->post([impl = impl_.get(), id = cluster.id, server = found->second, done] {
                report(done, [&] {
                    try {
                        server->start();
                    } catch (...) {
                        impl->forget(id, server);
                        throw;
                    }
                });
            });
            return;
        }
        refusal = impl_->pool ? "It has no address reserved" : "The local cloud is stopping";
    }
    done(refusal);
}

void DsqlHost::remove(const std::string& cluster_id, std::function<void(std::string failure)> done)
{
    try {
        check_identifier(cluster_id);
        const MutexLock lock(impl_->mutex);
        impl_->need_running();
        auto server = impl_->take(cluster_id);
        if (!server) // one whose removal an earlier run began
            server = impl_->make_server({.id = cluster_id}, {});
        server->forbid_start();
        impl_->pool->post([server, done] { report(done, [&] { server->remove(); }); });
        return;
    } catch (const Error& error) {
        done(error.what());
    }
}

ClusterCopy DsqlHost::copy(const std::string& cluster_id)
{
    const auto server = impl_->find(cluster_id);
    if (!server)
        throw Error("There is no cluster " + cluster_id);
    return server->copy();
}

void DsqlHost::remove_copy(const std::string& cluster_id, const std::string& copy_id)
{
    if (const auto server = impl_->find(cluster_id))
        server->remove_copy(copy_id);
}

void DsqlHost::back_up(const std::string& cluster_id, const std::filesystem::path& directory)
{
    // Whoever may ask for a backup may not write anywhere else on this machine.
    const auto home = impl_->options.directory.parent_path();
    if (const auto below = directory.lexically_normal().lexically_relative(home);
        below.empty() || *below.begin() == "..")
        throw Error("A backup is made below '" + home.string() + "' alone, not in '" +
                    directory.string() + "'");
    const auto server = impl_->find(cluster_id);
    if (!server)
        throw Error("The cluster " + cluster_id + " is not served");
    server->back_up(directory);
}

void DsqlHost::stop()
{
    std::unique_ptr<net::WorkerPool> pool;
    std::map<std::string, std::shared_ptr<ClusterServer>> clusters;
    {
        const MutexLock lock(impl_->mutex);
        pool = std::move(impl_->pool);
        clusters = std::move(impl_->clusters);
    }
    for (const auto& [id, server] : clusters)
        server->forbid_start();
    pool.reset(); // ends what was under way, and joins
    net::WorkerPool stopping(std::min<unsigned>(8, static_cast<unsigned>(clusters.size())));
    for (const auto& [id, server] : clusters)
        stopping.post([each = server] { each->stop(); });
}

} // namespace nimbus::local::dsql
