#include "deploy/kinds/sql/extras.h"

#include "deploy/kinds/sql/mapping.h"
#include "deploy/kinds/sql/schema_reads.h"

#include <set>

namespace nimbus::deploy::sql {

std::vector<Extra> extras(World&, Reads& reads, const Present& present)
{
    std::set<std::pair<std::string, std::string>> own;
    for (const auto& mapping : present.of<Mapping>())
        if (mapping.parent)
            own.emplace(mapping.parent->endpoint + mapping.parent->db_role, mapping.outputs.arn);
    std::vector<Extra> extras;
    for (const auto& schema : present.of<Schema>()) {
        const auto& known = schema.outputs;
        if (known.endpoint.empty())
            continue;
        const DatabaseNames names{.schema = known.schema, .role = known.db_role};
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
