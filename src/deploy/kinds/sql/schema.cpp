#include "deploy/kinds/sql/schema.h"

#include "aws/ops/dsql/clusters.h"
#include "aws/ops/dsql/tags.h"
#include "base/error.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/schema_reads.h"
#include "deploy/kinds/sql/sharing.h"

#include <algorithm>

namespace nimbus::deploy::sql {
namespace {

using Subject = Schema::Subject;

DatabaseNames names_of(const Subject& subject)
{
    return {.schema = subject.outputs.schema, .role = subject.outputs.db_role};
}

/// Throws NotOurs when the schema is another application's.
void check_claim(const World& world, const aws::dsql::Cluster& cluster, const std::string& schema)
{
    const auto claim = claim_of(cluster.tags, schema);
    if (claim && claim->owner != world.owner())
        throw NotOurs("The schema '" + schema + "' on cluster " + cluster.identifier +
                          " belongs to " + claim->owner,
                      "Choose another schema for this application.");
}

/// Throws NotOurs when there is a schema that nobody claims: it may be anybody's.
void check_unclaimed(const World& world, const Subject& subject, const aws::dsql::Cluster& cluster,
                     const DatabaseFound& found)
{
    if (!found.schema || claim_of(cluster.tags, subject.outputs.schema))
        return;
    if (subject.is_recorded)
        throw_lost_claim(world, cluster.identifier, subject.outputs.schema);
    throw NotOurs("The schema '" + subject.outputs.schema + "' on cluster " + cluster.identifier +
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

/// Also for those that were recorded before they had all members.
SchemaOutputs outputs_of(const Subject& subject)
{
    auto outputs = subject.outputs;
    outputs.identifier = subject.parent->identifier;
    outputs.endpoint = subject.parent->endpoint;
    return outputs;
}

SchemaOutputs establish(World& world, const Subject& subject, const SchemaInputs& inputs)
{
    const auto& parent = subject.parent.value();
    const auto cluster = wait_until_usable(world, parent.identifier);
    check_claim(world, cluster, subject.outputs.schema);
    auto session = connect(world, parent.endpoint);
    const auto names = names_of(subject);
    const auto found = look(session, names);
    check_unclaimed(world, subject, cluster, found);
    claim(world, subject, cluster, inputs);
    establish_schema(world, session, names, found);
    return outputs_of(subject);
}

} // namespace

std::string schema_name(const Database& database)
{
    return cluster_name(database) + '/' + database.schema;
}

void throw_lost_claim(const World& world, const std::string& cluster_identifier,
                      const std::string& schema)
{
    throw LostTags("The cluster " + cluster_identifier + " does not carry the tag " +
                       claim_tag(schema) + '=' + world.owner() +
                       " any more: nothing proves that its schema '" + schema +
                       "' is the one that Nimbus made",
                   "If it is, tag the cluster with that again. If somebody made another one of "
                   "that name, drop or rename that one. Then run the command again.");
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
            .identity = {.schema = database.schema,
                         .db_role = role,
                         .identifier = {},
                         .endpoint = {},
                         .mappings = {}},
            .inputs = {.identifier =
                           output_of<ClusterResource>(cluster, &ClusterOutputs::identifier),
                       .claim = claim_value({.schema = database.schema,
                                             .owner = manifest.project + '/' + manifest.stage,
                                             .is_protected = database.deletion_protection}),
                       .schema = database.schema,
                       .role = role,
                       .privileges = "granted"},
            .depends_on = {key_of<ClusterResource>(cluster)},
            .parent = key_of<ClusterResource>(cluster)};
        nodes.push_back(std::move(node).node());
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
    if (!can_be_read(world, *cluster))
        return {};
    const auto& found = reads.of<SchemaReads>().found(subject.parent->endpoint, names_of(subject));
    check_unclaimed(world, subject, *cluster, found);
    if (!found.schema && !found.role)
        return {};

    const auto claim = claim_of(cluster->tags, schema);
    return Observed{.inputs = {.identifier = identifier,
                               .claim = claim ? claim_value(*claim) : "none",
                               .schema = found.schema ? schema : "missing",
                               .role = found.role ? subject.outputs.db_role : "missing",
                               .privileges = found.privileges ? "granted" : "missing"},
                    .outputs = outputs_of(subject)};
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
    const auto cluster = wait_until_usable(world, identifier);
    auto session = connect(world, subject.parent->endpoint);
    const auto names = names_of(subject);
    check_unclaimed(world, subject, cluster, look(session, names));
    drop_schema(world, session, names);
    world.call(
        aws::dsql::UntagResource{.resource_arn = cluster.arn, .tag_keys = {claim_tag(schema)}});
}

} // namespace nimbus::deploy::sql
