#include "local/services/dsql/stored_clusters.h"

#include "local/services/dsql/cluster_store.h"

namespace nimbus::local {

std::vector<StoredCluster> stored_clusters_with_data(sqlite::Database& database)
{
    std::vector<StoredCluster> clusters;
    for (const auto& [id, document] : sqlite::DocumentTable(database, clusters_table).list())
        if (const auto status = string_or_empty(document, "status");
            status == "ACTIVE" || status == "UPDATING")
            clusters.push_back({.id = id, .region = string_or_empty(document, "region")});
    return clusters;
}

void mark_cluster_failed(sqlite::Database& database, const std::string& id)
{
    database.transaction([&] {
        sqlite::DocumentTable table(database, clusters_table);
        if (auto document = table.find(id)) {
            (*document)["status"] = "FAILED";
            table.put(id, *document);
        }
    });
}

} // namespace nimbus::local
