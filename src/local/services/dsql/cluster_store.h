#pragma once

#include "base/hosts_file.h"
#include "base/log.h"
#include "base/time.h"
#include "local/dsql/cluster_host.h"
#include "sqlite/document_table.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::local {

/// Documents by id.
inline constexpr const char* clusters_table = "dsql_clusters";

struct ClusterRecord {
    std::string id;
    std::string region;
    std::string address; ///< its own loopback address, which its host name stands for
    std::string status;  ///< CREATING, ACTIVE, UPDATING, DELETING, FAILED
    SystemTime created;
    bool deletion_protection = true;
    std::string client_token;
    std::string request; ///< what was asked for with that token
    std::map<std::string, std::string> tags;
    bool was_active = true; ///< has been at some time: it has data
};

/// DSQL clusters, and the driving of their data plane. A cluster's row is written before the work
/// on it starts, so that a restart takes up what was under way. Thread-safe.
class ClusterStore {
public:
    /// Is given the host names of all clusters whenever they may have changed, before anybody
    /// learns of a new one; one call at a time. May throw Error.
    using NamesChanged = std::function<void(const HostAddresses& names)>;

    ClusterStore(sqlite::Database& database, std::string account_id, Clock clock, Log log,
                 NamesChanged names_changed);
    ~ClusterStore();

    /// Starts the clusters that are there and goes on with removals that were under way.
    void attach(ClusterHost& host);
    /// What the host reports after this is ignored.
    void detach();

    std::optional<ClusterRecord> find(const std::string& region, const std::string& id);
    /// Sorted by id.
    std::vector<ClusterRecord> list(const std::string& region);
    void put(const ClusterRecord& record);
    /// Gives the record its id, address and status, stores it and starts it; or returns the one
    /// that `existing` picks from those of the Region, which nobody adds to meanwhile.
    ClusterRecord
    create(ClusterRecord record,
           const std::function<std::optional<ClusterRecord>(const std::vector<ClusterRecord>&)>&
               existing);
    /// Marks the cluster DELETING and has its data removed.
    ClusterRecord remove(ClusterRecord record);

    /// As of ClusterHost.
    void back_up(const ClusterRecord& record, const std::filesystem::path& directory);

    /// The host names of copies of clusters, which are published beside those of the clusters.
    void set_names_of_copies(HostAddresses names);

    std::string arn(const ClusterRecord& record) const;
    SystemTime now() const;
    sqlite::Database& database() noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace nimbus::local
