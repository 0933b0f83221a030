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

bool is_claimed_by_us(const World& world, const aws::dsql::Cluster& cluster,
                      const std::string& schema)
{
    const auto claim = claim_of(cluster.tags, schema);
    return claim && claim->owner == world.owner();
}

/// Throws NotOurs when the schema is another application's, or is about to be.
void check_claim(const World& world, const aws::dsql::Cluster& cluster, const std::string& schema)
{
    if (is_claimed_by_us(world, cluster, schema))
        return;
    const auto other = other_claimant(cluster.tags, schema, world.owner());
    if (other.empty())
        return;
    const auto what = "The schema '" + schema + "' on cluster " + cluster.identifier;
    if (claim_of(cluster.tags, schema))
        throw NotOurs(what + " belongs to " + other, "Choose another schema for this application.");
    throw NotOurs(what + " is being claimed by " + other,
                  "Choose another schema for this application. If that deploy was given up, remove "
                  "the cluster's tag " +
                      intention_tag(schema, other) + ".");
}

/// Throws Error when the cluster does not stay. A mark of ours is what a destroy left that did not
/// get to delete it.
void check_that_it_stays(World& world, const aws::dsql::Cluster& cluster)
{
    if (!is_alive(cluster))
        throw Error("The cluster " + cluster.identifier + " is being deleted",
                    "Deploy again: that creates a new one.");
    const auto mark = cluster.tags.find(std::string(deleting_tag));
    if (mark == cluster.tags.end())
        return;
    if (mark->second != world.owner())
        throw Error("The cluster " + cluster.identifier + " is being deleted by " + mark->second,
                    "Deploy again when it is gone: that creates a new one. If that destroy was "
                    "given up, run it again, or remove the cluster's tag " +
                        mark->first + ".");
    world.call(aws::dsql::UntagResource{.resource_arn = cluster.arn, .tag_keys = {mark->first}});
}

/// Throws NotOurs when there is a schema, or a database role, that nobody claims: it may be
/// anybody's. One claim is the proof for both, for neither is made before it.
void check_unclaimed(const World& world, const Subject& subject, const aws::dsql::Cluster& cluster,
                     const DatabaseFound& found)
{
    const auto& [schema, role] = names_of(subject);
    if ((!found.schema && !found.role) || claim_of(cluster.tags, schema))
        return;
    if (subject.is_recorded)
        throw_lost_claim(world, cluster.identifier, schema);
    const auto place =
        " on cluster " + cluster.identifier + " already exists, and Nimbus did not create it";
    if (found.schema)
        throw NotOurs("The schema '" + schema + "'" + place,
                      "Choose another schema for this application.");
    throw NotOurs("The database role '" + role + "'" + place,
                  "The functions of an application with the schema '" + schema +
                      "' connect as that role, and would have its rights. Choose another schema "
                      "for this application, or drop the role.");
}

void untag(World& world, const aws::dsql::Cluster& cluster, const std::string& tag)
{
    world.call(aws::dsql::UntagResource{.resource_arn = cluster.arn, .tag_keys = {tag}});
}

/// Throws when the schema, or the cluster, is not there for us, as it is now.
void look_again(World& world, const aws::dsql::Cluster& cluster, const std::string& schema)
{
    const auto now = world.call(aws::dsql::GetCluster{.identifier = cluster.identifier});
    check_claim(world, now, schema);
    check_that_it_stays(world, now);
}

/// Says that the schema is about to be claimed, so that nobody else claims it, and nobody deletes
/// the cluster.
void intend(World& world, const aws::dsql::Cluster& cluster, const std::string& schema)
{
    const auto tag = intention_tag(schema, world.owner());
    world.call(aws::dsql::TagResource{.resource_arn = cluster.arn, .tags = {{tag, world.owner()}}});
    try {
        look_again(world, cluster, schema);
    } catch (const Error&) {
        untag(world, cluster, tag);
        throw;
    }
}

/// The claim first: from then on nobody else takes the schema.
void claim(World& world, const Subject& subject, const aws::dsql::Cluster& cluster,
           const SchemaInputs& inputs)
{
    const auto& schema = subject.outputs.schema;
    const auto tag = claim_tag(schema);
    const bool is_new = cluster.tags.contains(std::string(shared_cluster_tag)) &&
                        !is_claimed_by_us(world, cluster, schema);
    if (is_new)
        intend(world, cluster, schema);
    if (const auto present = cluster.tags.find(tag);
        present == cluster.tags.end() || present->second != inputs.claim)
        world.call(
            aws::dsql::TagResource{.resource_arn = cluster.arn, .tags = {{tag, inputs.claim}}});
    look_again(world, cluster, schema);
    if (is_new || cluster.tags.contains(intention_tag(schema, world.owner())))
        untag(world, cluster, intention_tag(schema, world.owner()));
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
    check_unclaimed(world, subject, cluster, look(session, names));
    claim(world, subject, cluster, inputs);
    try {
        // What is there by now and was not before the first claim, somebody else made.
        const auto found = look(session, names);
        check_unclaimed(world, subject, cluster, found);
        establish_schema(world, session, names, found);
    } catch (const NotOurs&) {
        if (!is_claimed_by_us(world, cluster, names.schema))
            untag(world, cluster, claim_tag(names.schema));
        throw;
    }
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
                       " any more: nothing proves that its schema '" + schema + "' and the role '" +
                       database_role(schema) + "' are those that Nimbus made",
                   "If they are, tag the cluster with that again. If somebody made others of "
                   "these names, drop or rename those. Then run the command again.");
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
                       .login = "allowed",
                       .privileges = "granted",
                       .default_privileges = "granted"},
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
    return Observed{
        .inputs = {.identifier = identifier,
                   .claim = claim ? claim_value(*claim) : "none",
                   .schema = found.schema ? schema : "missing",
                   .role = found.role ? subject.outputs.db_role : "missing",
                   .login = found.login ? "allowed" : "missing",
                   .privileges = found.privileges ? "granted" : "missing",
                   .default_privileges = found.default_privileges ? "granted" : "missing"},
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
    world.call(aws::dsql::UntagResource{
        .resource_arn = cluster.arn,
        .tag_keys = {claim_tag(schema), intention_tag(schema, world.owner())}});
}

} // namespace nimbus::deploy::sql
