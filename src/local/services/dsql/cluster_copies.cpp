#include "local/services/dsql/cluster_copies.h"

#include "base/error.h"

#include <optional>
#include <utility>

namespace nimbus::local {
namespace {

/// Who asks for so many at once waits for none of them.
constexpr std::size_t wanted_spares = 8;

} // namespace

ClusterCopies::ClusterCopies(ClusterStore& store, Log log)
    : store_(store), log_(std::move(log)), owners_([this](pid_t owner) { owner_ended(owner); })
{
}

ClusterCopies::~ClusterCopies()
{
    detach();
}

void ClusterCopies::attach(ClusterHost& host)
{
    const MutexLock lock(mutex_);
    host_ = &host;
    worker_ = std::make_unique<net::WorkerPool>(1);
}

void ClusterCopies::detach()
{
    std::unique_ptr<net::WorkerPool> worker;
    {
        const MutexLock lock(mutex_);
        worker = std::move(worker_);
        host_ = nullptr;
        taken_.clear();
        spares_.clear();
        changed_.notify_all();
    }
}

void ClusterCopies::need_host() const
{
    if (host_ == nullptr)
        throw Error("The local cloud is starting or stopping");
}

ClusterCopy ClusterCopies::take(const ClusterRecord& cluster, pid_t owner)
{
    auto copy = wait_for_spare(cluster, owner);
    try {
        owners_.watch(owner); // a process that ends from here on is noticed
    } catch (const Error&) {
        give_back(copy.id);
        throw;
    }
    return copy;
}

ClusterCopy ClusterCopies::wait_for_spare(const ClusterRecord& cluster, pid_t owner)
{
    MutexLock lock(mutex_);
    need_host();
    spares_[cluster.id].region = cluster.region;
    spares_[cluster.id].failure.clear();
    for (;;) {
        const auto found = spares_.find(cluster.id);
        if (found == spares_.end())
            throw Error("The cluster " + cluster.id + " is gone");
        auto& spares = found->second;
        if (!spares.ready.empty()) {
            auto copy = std::move(spares.ready.back());
            spares.ready.pop_back();
            taken_[copy.id] = {
                .copy = copy, .cluster_id = cluster.id, .region = cluster.region, .owner = owner};
            fill(cluster.id);
            return copy;
        }
        if (!spares.failure.empty())
            throw Error("The cluster " + cluster.id + " cannot be copied: " + spares.failure);
        fill(cluster.id);
        changed_.wait(lock);
    }
}

void ClusterCopies::post(std::function<void(ClusterHost&)> job)
{
    ++waiting_jobs_;
    // The pool ends before the host does.
    worker_->post([this, host = host_, job = std::move(job)] {
        {
            const MutexLock lock(mutex_);
            --waiting_jobs_;
        }
        job(*host);
    });
}

void ClusterCopies::fill(const std::string& cluster_id)
{
    auto& spares = spares_[cluster_id];
    if (spares.is_filling || spares.ready.size() >= wanted_spares)
        return;
    spares.is_filling = true;
    post([this, cluster_id](ClusterHost& host) { make_spare(host, cluster_id); });
}

void ClusterCopies::make_spare(ClusterHost& host, const std::string& cluster_id)
{
    std::string region;
    {
        const MutexLock lock(mutex_);
        const auto found = spares_.find(cluster_id);
        if (found == spares_.end())
            return;
        region = found->second.region;
    }
    std::optional<ClusterCopy> copy;
    std::string failure;
    try {
        copy = host.copy(cluster_id);
        publish_names({{cluster_host_name(copy->id, region), copy->address}});
    } catch (const Error& error) {
        failure = error.what();
    }
    const MutexLock lock(mutex_);
    const auto found = spares_.find(cluster_id);
    if (found == spares_.end()) // the cluster is gone, and its copies with it
        return;
    auto& spares = found->second;
    spares.is_filling = false;
    spares.failure = failure;
    if (copy)
        spares.ready.push_back(*std::move(copy));
    if (failure.empty())
        fill(cluster_id);
    changed_.notify_all();
}

void ClusterCopies::post_removal(Taken taken)
{
    post([this, taken = std::move(taken)](ClusterHost& host) {
        try {
            host.remove_copy(taken.cluster_id, taken.copy.id);
        } catch (const Error& error) {
            log_.error(
                "A copy of a cluster was not removed",
                {{"cluster", taken.cluster_id}, {"copy", taken.copy.id}, {"reason", error.what()}});
        }
        if (is_last_job()) // each job after this one publishes what is there by then
            publish_names();
    });
}

bool ClusterCopies::is_last_job() const
{
    const MutexLock lock(mutex_);
    return waiting_jobs_ == 0;
}

bool ClusterCopies::give_back(const std::string& copy_id)
{
    const MutexLock lock(mutex_);
    auto node = taken_.extract(copy_id);
    if (node.empty())
        return false;
    post_removal(std::move(node.mapped()));
    return true;
}

void ClusterCopies::owner_ended(pid_t owner)
{
    const MutexLock lock(mutex_);
    for (auto each = taken_.begin(); each != taken_.end();) {
        if (each->second.owner != owner) {
            ++each;
            continue;
        }
        post_removal(std::move(each->second));
        each = taken_.erase(each);
    }
}

std::vector<ClusterCopies::Taken> ClusterCopies::taken() const
{
    const MutexLock lock(mutex_);
    std::vector<Taken> all;
    for (const auto& [id, each] : taken_)
        all.push_back(each);
    return all;
}

void ClusterCopies::forget(const std::string& cluster_id)
{
    const MutexLock lock(mutex_);
    if (spares_.erase(cluster_id) == 0)
        return;
    std::erase_if(taken_, [&](const auto& each) { return each.second.cluster_id == cluster_id; });
    changed_.notify_all();
}

/// With `more`, which nobody has yet. On the worker's thread alone.
void ClusterCopies::publish_names(const HostAddresses& more)
{
    auto names = more;
    {
        const MutexLock lock(mutex_);
        for (const auto& [id, each] : taken_)
            names[cluster_host_name(id, each.region)] = each.copy.address;
        for (const auto& [id, spares] : spares_)
            for (const auto& copy : spares.ready)
                names[cluster_host_name(copy.id, spares.region)] = copy.address;
    }
    store_.set_names_of_copies(std::move(names));
}

} // namespace nimbus::local
