#pragma once

#include "sqlite/database.h"

#include <string>
#include <vector>

namespace nimbus::local {

struct StoredCluster {
    std::string id;
    std::string region;
};

/// The clusters whose data must be there: all but those that are being made or removed,
/// or that failed.
std::vector<StoredCluster> stored_clusters_with_data(sqlite::Database& database);
void mark_cluster_failed(sqlite::Database& database, const std::string& id);

} // namespace nimbus::local
