#include "deploy/kinds/sql/kind.h"

#include "deploy/kinds/sql/deployer.h"
#include "deploy/kinds/sql/extras.h"
#include "deploy/kinds/sql/limits.h"
#include "deploy/kinds/sql/mapping.h"
#include "deploy/kinds/sql/migrations.h"
#include "deploy/kinds/sql/output.h"
#include "deploy/kinds/sql/schema.h"
#include "deploy/kinds/sql/schema_quota.h"
#include "deploy/kinds/sql/sharing.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace nimbus::deploy::sql {
namespace {

std::vector<Node> declare(const Application& application)
{
    auto nodes = cluster_nodes(application);
    std::ranges::move(schema_nodes(application), std::back_inserter(nodes));
    std::ranges::move(mapping_nodes(application), std::back_inserter(nodes));
    std::ranges::move(migrations_nodes(application), std::back_inserter(nodes));
    return nodes;
}

std::optional<Link> link(const Application& application, const std::string& name,
                         const std::string& role)
{
    const auto* database = find(application.manifest, name);
    if (database == nullptr)
        return {};
    const auto cluster = cluster_name(*database);
    const auto output = [&](std::string ClusterOutputs::* member) {
        return output_of<ClusterResource>(cluster, member);
    };
    const auto arn = output(&ClusterOutputs::arn);
    std::vector<std::string> depends_on{key_of<ClusterResource>(cluster)};
    if (has_migrations(application, *database)) // the code of this version finds its tables
        depends_on.push_back(key_of<Migrations>(schema_name(*database)));
    return Link{.environment =
                    environment(*database, {.endpoint = output(&ClusterOutputs::endpoint),
                                            .identifier = output(&ClusterOutputs::identifier),
                                            .arn = arn}),
                .statements = {{.actions = {"dsql:DbConnect"}, .resources = {arn}}},
                .depends_on = std::move(depends_on),
                .grants = {key_of<Mapping>(mapping_name(*database, role))}};
}

std::vector<json::object> outputs(const Application& application, const State& state)
{
    std::vector<json::object> all;
    for (const auto& database : application.manifest.declared.of<Database>()) {
        const auto cluster = outputs_in<ClusterResource>(state, cluster_name(database));
        all.push_back(described::to_json(
            DatabaseOutput{.name = database.name,
                           .identifier = cluster.identifier,
                           .endpoint = cluster.endpoint,
                           .hostaddr = cluster.hostaddr,
                           .arn = cluster.arn,
                           .schema = database.schema,
                           .db_role = outputs_in<Schema>(state, schema_name(database)).db_role}));
    }
    return all;
}

std::string describe(const Output& output)
{
    const auto database = described::from_json<DatabaseOutput>(output.members, output.name);
    auto text = fmt::format("  Database  {}  {}:{}\n            cluster {}, schema {}, role {}\n",
                            database.name, database.endpoint, database.port, database.identifier,
                            database.schema, database.db_role);
    if (database.hostaddr)
        text += fmt::format("            for libpq: host={} hostaddr={} dbname=postgres\n",
                            database.endpoint, *database.hostaddr);
    return text;
}

std::vector<std::string> warnings(World& world, const Application& application)
{
    check_schema_quota(world, application);
    return empty_directories(application);
}

std::vector<std::string> strays(World& world, Reads& reads)
{
    std::vector<std::string> found;
    for (const auto& cluster : reads.of<ClusterReads>().clusters())
        // A shared one stays for others when its maker goes.
        if (world.owns(cluster.tags) && !cluster.tags.contains(std::string(shared_cluster_tag)))
            found.push_back("the cluster " + cluster.identifier);
    return found;
}

} // namespace

Kind kind()
{
    return {.name = kind_name,
            .list = "sql",
            .id_member = "identifier",
            .is_always_listed = true,
            .section = section(),
            .types = {resource_type<ClusterResource>(), resource_type<Schema>(),
                      resource_type<Mapping>(), resource_type<Migrations>()},
            .declare = declare,
            .link = link,
            .outputs = outputs,
            .check_output = check_output<DatabaseOutput>,
            .describe = describe,
            .warnings = warnings,
            .limits = limits,
            .deployer_statements = deployer_statements,
            .strays = strays,
            .extras = extras,
            .decide_fate = decide_fate};
}

} // namespace nimbus::deploy::sql
