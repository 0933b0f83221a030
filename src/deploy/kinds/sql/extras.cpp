#include "deploy/kinds/sql/extras.h"

#include "deploy/kinds/sql/cluster_reads.h"
#include "deploy/kinds/sql/mapping.h"
#include "deploy/kinds/sql/schema_reads.h"
#include "deploy/kinds/sql/sharing.h"

#include <set>

namespace nimbus::deploy::sql {

namespace {

/// What is in the cluster beside what applications claim. It may be anybody's data: no deploy
/// deletes it.
void add_schemas_beside(Reads& reads, const PresentOf<Schema>& schema, std::vector<Extra>& extras)
{
    const auto& known = schema.outputs;
    const auto& cluster = reads.of<ClusterReads>().cluster(known.identifier);
    if (!cluster)
        return;
    const DatabaseNames names{.schema = known.schema, .role = known.db_role};
    const auto& schemas = reads.of<SchemaReads>().schemas(known.endpoint, names);
    for (const auto& name : unclaimed(schemas, cluster->tags))
        if (name != known.schema)
            extras.push_back(
                {.resource = key_of<ClusterResource>(schema.name.substr(0, schema.name.rfind('/'))),
                 .what = "the schema " + name,
                 .remove = {}});
}

} // namespace

std::vector<Extra> extras(World&, Reads& reads, const Present& present)
{
    std::set<std::pair<std::string, std::string>> own;
    for (const auto& mapping : present.of<Mapping>())
        if (mapping.parent)
            own.emplace(mapping.parent->endpoint + mapping.parent->db_role, mapping.outputs.arn);
    std::vector<Extra> extras;
    std::set<std::string> looked_into;
    for (const auto& schema : present.of<Schema>()) {
        const auto& known = schema.outputs;
        if (known.endpoint.empty())
            continue;
        const auto& cluster = reads.of<ClusterReads>().cluster(known.identifier);
        if (!cluster || !is_usable(*cluster)) // nobody can look into it
            continue;
        const DatabaseNames names{.schema = known.schema, .role = known.db_role};
        if (looked_into.insert(known.endpoint).second)
            add_schemas_beside(reads, schema, extras);
        for (const auto& arn : reads.of<SchemaReads>().found(known.endpoint, names).mapped_arns)
            if (!own.contains({known.endpoint + known.db_role, arn}))
                extras.push_back({.resource = key_of<Schema>(schema.name),
                                  .what = "the mapping of " + arn + " to " + known.db_role,
                                  .remove = [endpoint = known.endpoint, names, arn](World& world) {
                                      auto session = connect(world, endpoint);
                                      unmap_role(world, session, names, arn);
                                  }});
    }
    return extras;
}

} // namespace nimbus::deploy::sql
