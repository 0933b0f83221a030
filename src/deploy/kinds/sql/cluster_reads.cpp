#include "deploy/kinds/sql/cluster_reads.h"

#include "deploy/task_graph.h"

namespace nimbus::deploy::sql {
namespace {

constexpr int clusters_at_a_time = 8;

} // namespace

bool is_alive(const aws::dsql::Cluster& cluster)
{
    return cluster.status != "DELETING" && cluster.status != "DELETED" &&
           cluster.status != "PENDING_DELETE";
}

bool is_usable(const aws::dsql::Cluster& cluster)
{
    return cluster.status == "ACTIVE" || cluster.status == "IDLE" || cluster.status == "INACTIVE";
}

const std::optional<aws::dsql::Cluster>& ClusterReads::cluster(const std::string& identifier)
{
    return cluster_.get(
        identifier, [&] { return world_.find(aws::dsql::GetCluster{.identifier = identifier}); });
}

const std::vector<aws::dsql::Cluster>& ClusterReads::clusters()
{
    return clusters_.get({}, [&] {
        std::vector<std::string> identifiers;
        world_.for_each_page(aws::dsql::ListClusters{},
                             [&](const aws::dsql::ListClusters::Response& page) {
                                 for (const auto& summary : page.clusters)
                                     identifiers.push_back(summary.identifier);
                             });
        // Tags are not in the list.
        run_in_parallel(identifiers.size(), clusters_at_a_time,
                        [&](std::size_t i) { cluster(identifiers[i]); });
        std::vector<aws::dsql::Cluster> found;
        for (const auto& identifier : identifiers)
            if (const auto& one = cluster(identifier); one && is_alive(*one))
                found.push_back(*one);
        return found;
    });
}

} // namespace nimbus::deploy::sql
