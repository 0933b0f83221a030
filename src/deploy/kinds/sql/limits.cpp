#include "deploy/kinds/sql/limits.h"

#include "deploy/kinds/sql/cluster.h"

namespace nimbus::deploy::sql {
std::vector<Excess> limits(const Application& application, const ExpectedGraph&)
{
    std::map<std::string, std::size_t> schemas;
    for (const auto& database : application.manifest.declared.of<Database>())
        ++schemas[cluster_name(database)];
    std::vector<Excess> found;
    for (const auto& [cluster, count] : schemas)
        if (count > most_schemas)
            found.push_back({.resource = key_of<ClusterResource>(cluster),
                             .amount = count,
                             .what = "schemas",
                             .allowed = most_schemas,
                             .way_out = "Put some of the databases into another cluster."});
    return found;
}

} // namespace nimbus::deploy::sql
