#include "deploy/kinds/sql/schema_quota.h"

#include "base/error.h"
#include "base/text.h"
#include "deploy/kind.h"
#include "deploy/kinds/sql/cluster.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/declaration.h"
#include "deploy/kinds/sql/limits.h"
#include "deploy/kinds/sql/schema.h"
#include "deploy/kinds/sql/sharing.h"

#include <fmt/core.h>

#include <map>
#include <set>

namespace nimbus::deploy::sql {
namespace {

using Names = std::set<std::string>;

/// The schemas that are to be made in shared clusters, by the clusters' names.
std::map<std::string, Names> new_schemas(const Application& application)
{
    std::map<std::string, Names> wanted;
    for (const auto& database : application.manifest.declared.of<Database>()) {
        const auto key = key_of<Schema>(schema_name(database));
        const bool is_recorded =
            application.recorded != nullptr && application.recorded->find(key) != nullptr;
        if (database.cluster && !is_recorded)
            wanted[*database.cluster].insert(database.schema);
    }
    return wanted;
}

/// Those that are there, and those that somebody has claimed and is about to make. Public does not
/// count. Source: Aurora DSQL User Guide, "Cluster quotas and database limits".
Names present_schemas(World& world, const aws::dsql::Cluster& cluster)
{
    Names names;
    for (const auto& claim : claims_of(cluster.tags))
        names.insert(claim.schema);
    if (can_be_read(world, cluster)) {
        auto session = connect(world, cluster.endpoint);
        names.merge(schemas_in(session));
    }
    names.erase("public");
    return names;
}

void check(World& world, const std::string& shared_name, const Names& wanted)
{
    Reads reads(world);
    const auto cluster = locate(world, reads,
                                {.name = {},
                                 .nonce = {},
                                 .is_recorded = false,
                                 .outputs = {.shared_name = shared_name},
                                 .parent = {}});
    if (!cluster)
        return;
    auto present = present_schemas(world, *cluster);
    for (const auto& name : wanted)
        present.erase(name); // an earlier deploy began to make it
    if (present.size() + wanted.size() <= most_schemas)
        return;
    throw UsageError(
        fmt::format(
            "The cluster {} ({}) has {} schemas, and DSQL takes {}: there is no room for {}",
            shared_name, cluster->identifier, present.size(), most_schemas,
            join({wanted.begin(), wanted.end()}, ", ")),
        fmt::format("It has {}. Destroy a preview that nobody needs ('nimbus destroy --stage STAGE "
                    "--force'), or name another cluster.",
                    join({present.begin(), present.end()}, ", ")));
}

} // namespace

void check_schema_quota(World& world, const Application& application)
{
    for (const auto& [cluster, wanted] : new_schemas(application))
        check(world, cluster, wanted);
}

} // namespace nimbus::deploy::sql
