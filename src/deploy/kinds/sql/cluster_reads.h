#pragma once

#include "aws/ops/dsql/clusters.h"
#include "deploy/memo.h"
#include "deploy/reads.h"

#include <optional>
#include <string>
#include <vector>

namespace nimbus::deploy::sql {

/// Clusters, each read once. Thread-safe.
class ClusterReads {
public:
    explicit ClusterReads(World& world) : world_(world) {}

    /// Nothing when there is none.
    const std::optional<aws::dsql::Cluster>& cluster(const std::string& identifier);
    /// All of the Region, with their tags; not those that are being deleted.
    const std::vector<aws::dsql::Cluster>& clusters();

private:
    World& world_;
    Memo<std::optional<aws::dsql::Cluster>> cluster_;
    Memo<std::vector<aws::dsql::Cluster>> clusters_;
};

/// CREATING, ACTIVE, …: will be or is a cluster, and does not go away.
bool is_alive(const aws::dsql::Cluster& cluster);
/// Connections are answered, or wake it.
bool is_usable(const aws::dsql::Cluster& cluster);

} // namespace nimbus::deploy::sql
