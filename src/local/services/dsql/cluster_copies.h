#pragma once

#include "base/log.h"
#include "base/mutex.h"
#include "local/dsql/cluster_host.h"
#include "local/services/dsql/cluster_store.h"
#include "local/services/dsql/process_watch.h"
#include "net/worker_pool.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace nimbus::local {

/// Copies of clusters, for tests. Each belongs to a process and lasts until that ends at most; none
/// outlives the cloud. They are no clusters of the account: they are not listed, and have no tags.
/// Thread-safe.
///
/// Of a cluster that was copied once, some copies are made in advance, on a thread of their own, so
/// that who asks need not wait.
class ClusterCopies {
public:
    /// `store` outlives it.
    ClusterCopies(ClusterStore& store, Log log);
    ~ClusterCopies();
    ClusterCopies(const ClusterCopies&) = delete;
    ClusterCopies& operator=(const ClusterCopies&) = delete;

    void attach(ClusterHost& host) NIMBUS_EXCLUDES(mutex_);
    /// Waits for what is under way; the copies are the host's to end.
    void detach() NIMBUS_EXCLUDES(mutex_);

    struct Taken {
        ClusterCopy copy;
        std::string cluster_id;
        std::string region;
        pid_t owner = 0;
    };

    /// A copy for the process `owner`. Throws Error when that does not run, or there is no copy to
    /// be had.
    ClusterCopy take(const ClusterRecord& cluster, pid_t owner) NIMBUS_EXCLUDES(mutex_);
    /// False when nobody has it. What it held is deleted soon.
    bool give_back(const std::string& copy_id) NIMBUS_EXCLUDES(mutex_);
    std::vector<Taken> taken() const NIMBUS_EXCLUDES(mutex_);
    /// The cluster is being deleted, and its copies with it.
    void forget(const std::string& cluster_id) NIMBUS_EXCLUDES(mutex_);

private:
    struct Spares {
        std::string region;
        std::vector<ClusterCopy> ready;
        bool is_filling = false;
        std::string failure; ///< why the last one was not made
    };

    void need_host() const NIMBUS_REQUIRES(mutex_);
    ClusterCopy wait_for_spare(const ClusterRecord& cluster, pid_t owner) NIMBUS_EXCLUDES(mutex_);
    void post(std::function<void(ClusterHost&)> job) NIMBUS_REQUIRES(mutex_);
    void fill(const std::string& cluster_id) NIMBUS_REQUIRES(mutex_);
    void make_spare(ClusterHost& host, const std::string& cluster_id) NIMBUS_EXCLUDES(mutex_);
    void post_removal(Taken taken) NIMBUS_REQUIRES(mutex_);
    bool is_last_job() const NIMBUS_EXCLUDES(mutex_);
    void owner_ended(pid_t owner) NIMBUS_EXCLUDES(mutex_);
    void publish_names(const HostAddresses& more = {}) NIMBUS_EXCLUDES(mutex_);

    ClusterStore& store_;
    Log log_;
    mutable Mutex mutex_;       ///< never held while the host or the store is at work
    ConditionVariable changed_; ///< `spares_`, or that there is no host any more
    ClusterHost* host_ NIMBUS_GUARDED_BY(mutex_) = nullptr;
    std::map<std::string, Taken> taken_ NIMBUS_GUARDED_BY(mutex_);   ///< by the copy's id
    std::map<std::string, Spares> spares_ NIMBUS_GUARDED_BY(mutex_); ///< by the cluster's id
    /// While there is a host: its one thread makes and removes copies, and publishes their names.
    std::unique_ptr<net::WorkerPool> worker_ NIMBUS_GUARDED_BY(mutex_);
    std::size_t waiting_jobs_ NIMBUS_GUARDED_BY(mutex_) = 0; ///< that have not begun
    ProcessWatch owners_; ///< last: its thread uses what stands above
};

} // namespace nimbus::local
