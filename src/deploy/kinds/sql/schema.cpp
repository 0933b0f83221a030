#include "deploy/kinds/sql/schema.h"

#include "aws/ops/dsql/clusters.h"
#include "aws/ops/dsql/tags.h"
#include "base/error.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/function/role.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/sharing.h"

#include <algorithm>

namespace nimbus::deploy::sql {
namespace {

using Subject = Schema::Subject;

constexpr std::chrono::seconds cluster_limit{600};

/// ARN and RoleId of each IAM role of functions that use the schema of `database`.
void map_users(const Application& application, const Database& database, NodeOf<Schema>& node)
{
    const auto& manifest = application.manifest;
    for (const auto& function : manifest.functions) {
        const bool uses = std::ranges::any_of(function.uses, [&](const std::string& name) {
            const auto* used = find(manifest, name);
            return used != nullptr && schema_name(*used) == schema_name(database);
        });
        if (!uses)
            continue;
        const auto role = function::role_name(application, function);
        node.inputs.mappings[function::iam_role_arn(application, role)] =
            output_of<function::Role>(role, &function::RoleOutputs::role_id);
        node.depend_on(key_of<function::Role>(role));
    }
}

DatabaseNames names_of(const Subject& subject)
{
    return {.schema = subject.outputs.schema, .role = subject.outputs.db_role};
}

/// Under which RoleId the role was mapped, as far as the state knows; or "".
std::string recorded_role_id(const Subject& subject, const std::string& arn)
{
    const auto& mappings = subject.outputs.mappings;
    if (!mappings)
        return {};
    const auto found = mappings->find(arn);
    return found == mappings->end() ? "" : found->second;
}

/// Throws Error when the schema is another application's.
void check_claim(const World& world, const aws::dsql::Cluster& cluster, const std::string& schema)
{
    const auto claim = claim_of(cluster.tags, schema);
    if (claim && claim->owner != world.owner())
        throw Error("The schema '" + schema + "' on cluster " + cluster.identifier +
                        " belongs to " + claim->owner,
                    "Choose another schema for this application.");
}

/// Throws Error when there is a schema that nobody claims, and this deployment did not make it.
void check_unclaimed(const Subject& subject, const aws::dsql::Cluster& cluster,
                     const DatabaseFound& found)
{
    if (found.schema && !subject.is_recorded && !claim_of(cluster.tags, subject.outputs.schema))
        throw Error("The schema '" + subject.outputs.schema + "' on cluster " + cluster.identifier +
                        " already exists, and Nimbus did not create it",
                    "Choose another schema for this application.");
}

/// The claim first: from then on nobody else takes the schema.
void claim(World& world, const Subject& subject, const aws::dsql::Cluster& cluster,
           const SchemaInputs& inputs)
{
    const auto& schema = subject.outputs.schema;
    const auto& value = inputs.claim;
    const auto tag = claim_tag(schema);
    if (const auto present = cluster.tags.find(tag);
        present == cluster.tags.end() || present->second != value)
        world.call(aws::dsql::TagResource{.resource_arn = cluster.arn, .tags = {{tag, value}}});
    const auto now = world.call(aws::dsql::GetCluster{.identifier = cluster.identifier});
    check_claim(world, now, schema);
    if (!is_alive(now))
        throw Error("The cluster " + cluster.identifier + " is being deleted",
                    "Deploy again: that creates a new one.");
}

std::string failed_cluster_hint(const World& world)
{
    if (world.target().name != "local")
        return "Deploy again: that creates the cluster again.";
    return "The local cloud's log says why ('nimbus local logs' shows it). Often the disk is "
           "full, or PostgreSQL is not installed ('apt install postgresql', or set "
           "NIMBUS_POSTGRES_BIN). Then deploy again: that creates the cluster again.";
}

aws::dsql::Cluster wait_for_cluster(World& world, const std::string& identifier)
{
    aws::dsql::Cluster cluster;
    world.wait("cluster " + identifier + " to become active", cluster_limit, [&] {
        cluster = world.call(aws::dsql::GetCluster{.identifier = identifier});
        if (cluster.status == "FAILED")
            throw Error("The cluster " + identifier + " could not be created: its status is FAILED",
                        failed_cluster_hint(world));
        if (!is_alive(cluster))
            throw Error("The cluster " + identifier + " is being deleted",
                        "Deploy again: that creates a new one.");
        return is_usable(cluster);
    });
    return cluster;
}

SchemaOutputs establish(World& world, const Subject& subject, const SchemaInputs& inputs)
{
    const auto& parent = subject.parent.value();
    const auto cluster = wait_for_cluster(world, parent.identifier);
    check_claim(world, cluster, subject.outputs.schema);
    auto session = connect(world, parent.endpoint);
    const auto names = names_of(subject);
    auto found = look(session, names);
    check_unclaimed(subject, cluster, found);
    claim(world, subject, cluster, inputs);
    establish_schema(world, session, names, found);

    for (const auto& arn : found.mapped_arns) {
        // A role that was deleted and made again no longer matches its mapping.
        const auto wanted = inputs.mappings.find(arn);
        if (wanted != inputs.mappings.end() && recorded_role_id(subject, arn) == wanted->second)
            found.current_arns.insert(arn);
        else
            unmap_role(world, session, names, arn);
    }
    for (const auto& [arn, role_id] : inputs.mappings)
        if (!found.current_arns.contains(arn))
            map_role(world, session, names, arn);
    return {.schema = {}, .db_role = {}, .mappings = inputs.mappings};
}

} // namespace

std::string schema_name(const Database& database)
{
    return cluster_name(database) + '/' + database.schema;
}

std::vector<Node> schema_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& database : application.manifest.declared.of<Database>()) {
        const auto name = schema_name(database);
        if (std::ranges::find(nodes, name, &Node::name) != nodes.end())
            continue;
        const auto cluster = cluster_name(database);
        const auto role = database_role(database.schema);
        const auto& manifest = application.manifest;
        NodeOf<Schema> node{
            .name = name,
            .identity = {.schema = database.schema, .db_role = role, .mappings = {}},
            .inputs = {.identifier =
                           output_of<ClusterResource>(cluster, &ClusterOutputs::identifier),
                       .claim = claim_value({.schema = database.schema,
                                             .owner = manifest.project + '/' + manifest.stage,
                                             .is_protected = database.deletion_protection}),
                       .schema = database.schema,
                       .role = role,
                       .privileges = "granted",
                       .mappings = {}},
            .depends_on = {key_of<ClusterResource>(cluster)},
            .parent = key_of<ClusterResource>(cluster)};
        map_users(application, database, node);
        nodes.push_back(node.node());
    }
    return nodes;
}

std::optional<Schema::Observed> Schema::read(World& world, Reads& reads, const Subject& subject)
{
    if (!subject.parent)
        return {};
    const auto& identifier = subject.parent->identifier;
    const auto& cluster = reads.of<ClusterReads>().cluster(identifier);
    if (!cluster || !is_alive(*cluster))
        return {};
    const auto& schema = subject.outputs.schema;
    check_claim(world, *cluster, schema);
    if (!is_usable(*cluster))
        return {};
    auto session = connect(world, subject.parent->endpoint);
    const auto found = look(session, names_of(subject));
    check_unclaimed(subject, *cluster, found);
    if (!found.schema && !found.role)
        return {};

    // Under which RoleId a role was mapped is not in the database: the state remembers.
    Mappings mappings;
    for (const auto& arn : found.mapped_arns)
        mappings[arn] = recorded_role_id(subject, arn);
    const auto claim = claim_of(cluster->tags, schema);
    return Observed{.inputs = {.identifier = identifier,
                               .claim = claim ? claim_value(*claim) : "none",
                               .schema = found.schema ? schema : "missing",
                               .role = found.role ? subject.outputs.db_role : "missing",
                               .privileges = found.privileges ? "granted" : "missing",
                               .mappings = mappings},
                    .outputs = {.schema = {}, .db_role = {}, .mappings = mappings}};
}

SchemaOutputs Schema::create(World& world, const Subject& subject, const Inputs& inputs)
{
    return establish(world, subject, inputs);
}

SchemaOutputs Schema::update(World& world, const Subject& subject, const Inputs& inputs,
                             const Observed&)
{
    return establish(world, subject, inputs);
}

void Schema::destroy(World& world, const Subject& subject)
{
    if (!subject.parent)
        return;
    const auto& identifier = subject.parent->identifier;
    const auto present = world.find(aws::dsql::GetCluster{.identifier = identifier});
    if (!present || !is_alive(*present))
        return;
    const auto& schema = subject.outputs.schema;
    check_claim(world, *present, schema);
    const auto cluster = wait_for_cluster(world, identifier);
    auto session = connect(world, subject.parent->endpoint);
    drop_schema(world, session, names_of(subject));
    world.call(
        aws::dsql::UntagResource{.resource_arn = cluster.arn, .tag_keys = {claim_tag(schema)}});
}

} // namespace nimbus::deploy::sql
