#include "aws/ops/dsql/tags.h"
#include "base/error.h"
#include "deploy/database.h"
#include "deploy/resources/catalog.h"
#include "deploy/sharing.h"
#include "manifest/names.h"

#include <algorithm>

/// An application's schema in a cluster: the claim to it, the schema, the database role, and the
/// IAM roles that may become it.
namespace nimbus::deploy {
namespace {

constexpr std::chrono::seconds cluster_limit{600};

/// ARN and RoleId of each IAM role of functions that use `sql`.
json::object mappings_of(const Application& application, const manifest::Sql& sql, Node& node)
{
    json::object mappings;
    for (const auto& function : application.manifest.functions) {
        const bool uses = std::ranges::any_of(function.uses, [&](const std::string& name) {
            return schema_key(sql_named(application.manifest, name)) == schema_key(sql);
        });
        if (!uses)
            continue;
        const auto role = role_key(application, function);
        mappings[iam_role_arn(application, function)] = output_of(role, "roleId");
        if (std::ranges::find(node.depends_on, role) == node.depends_on.end())
            node.depends_on.push_back(role);
    }
    return mappings;
}

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& sql : application.manifest.sql) {
        const auto cluster = cluster_key(sql);
        Node node{
            .type = "schema",
            .name = cluster_name(sql) + '/' + sql.schema,
            .identity = {{"schema", sql.schema}, {"dbRole", manifest::database_role(sql.schema)}},
            .depends_on = {cluster},
            .parent = cluster};
        if (std::ranges::find(nodes, node.name, &Node::name) != nodes.end())
            continue;
        const auto& manifest = application.manifest;
        node.inputs = {{"identifier", output_of(cluster, "identifier")},
                       {"claim", claim_value({.schema = sql.schema,
                                              .owner = manifest.project + '/' + manifest.stage,
                                              .is_protected = sql.deletion_protection})},
                       {"schema", sql.schema},
                       {"role", manifest::database_role(sql.schema)},
                       {"privileges", "granted"},
                       {"mappings", mappings_of(application, sql, node)}};
        nodes.push_back(std::move(node));
    }
    return nodes;
}

database::Names names_of(const Subject& subject)
{
    return {.schema = subject.output("schema"), .role = subject.output("dbRole")};
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
                     const database::Found& found)
{
    if (found.schema && !subject.is_recorded && !claim_of(cluster.tags, subject.output("schema")))
        throw Error("The schema '" + subject.output("schema") + "' on cluster " +
                        cluster.identifier + " exists already, and was not made by Nimbus",
                    "Choose another schema for this application.");
}

std::optional<Observed> read(World& world, Reads& reads, const Subject& subject)
{
    const auto identifier = subject.parent_output("identifier");
    if (identifier.empty())
        return {};
    const auto& cluster = reads.cluster(identifier);
    if (!cluster || !is_alive(*cluster))
        return {};
    const auto schema = subject.output("schema");
    check_claim(world, *cluster, schema);
    if (!is_usable(*cluster))
        return {};
    auto session = world.connect(subject.parent_output("endpoint"));
    const auto found = database::look(session, names_of(subject));
    check_unclaimed(subject, *cluster, found);
    if (!found.schema && !found.role)
        return {};

    // Under which RoleId a role was mapped is not in the database: the state remembers.
    const auto* recorded = object_member(subject.outputs, "mappings");
    json::object mappings;
    for (const auto& arn : found.mapped_arns)
        mappings[arn] = recorded == nullptr ? "" : string_or_empty(*recorded, arn);
    const auto claim = claim_of(cluster->tags, schema);
    return Observed{.inputs = {{"identifier", identifier},
                               {"claim", claim ? claim_value(*claim) : "none"},
                               {"schema", found.schema ? schema : "missing"},
                               {"role", found.role ? subject.output("dbRole") : "missing"},
                               {"privileges", found.privileges ? "granted" : "missing"},
                               {"mappings", mappings}},
                    .outputs = {{"mappings", mappings}}};
}

/// The claim first: from then on nobody else takes the schema.
void claim(World& world, const Subject& subject, const aws::dsql::Cluster& cluster,
           const json::object& inputs)
{
    const auto schema = subject.output("schema");
    const auto value = string_or_empty(inputs, "claim");
    const auto tag = claim_tag(schema);
    if (const auto present = cluster.tags.find(tag);
        present == cluster.tags.end() || present->second != value)
        world.call(aws::dsql::TagResource{.resource_arn = cluster.arn, .tags = {{tag, value}}});
    const auto now = world.call(aws::dsql::GetCluster{.identifier = cluster.identifier});
    check_claim(world, now, schema);
    if (!is_alive(now))
        throw Error("The cluster " + cluster.identifier + " is being deleted",
                    "Deploy again: a new one is made.");
}

std::string failed_cluster_hint(const World& world)
{
    if (world.target().name != "local")
        return "Deploy again: a cluster that never came up is made anew.";
    return "The local cloud's log says why ('nimbus local status' says where it is): often a disk "
           "without space, or PostgreSQL that is not installed ('apt install postgresql', or set "
           "NIMBUS_POSTGRES_BIN). Then deploy again: the cluster is made anew.";
}

aws::dsql::Cluster wait_for_cluster(World& world, const std::string& identifier)
{
    aws::dsql::Cluster cluster;
    world.wait("cluster " + identifier + " to become active", cluster_limit, [&] {
        cluster = world.call(aws::dsql::GetCluster{.identifier = identifier});
        if (cluster.status == "FAILED")
            throw Error("The cluster " + identifier + " could not be made: its status is FAILED",
                        failed_cluster_hint(world));
        if (!is_alive(cluster))
            throw Error("The cluster " + identifier + " is being deleted",
                        "Deploy again: a new one is made.");
        return is_usable(cluster);
    });
    return cluster;
}

json::object establish(World& world, const Subject& subject, const json::object& inputs)
{
    const auto cluster = wait_for_cluster(world, subject.parent_output("identifier"));
    check_claim(world, cluster, subject.output("schema"));
    auto session = world.connect(subject.parent_output("endpoint"));
    const auto names = names_of(subject);
    auto found = database::look(session, names);
    check_unclaimed(subject, cluster, found);
    claim(world, subject, cluster, inputs);
    database::establish(world, session, names, found);

    const auto& wanted = inputs.at("mappings").as_object();
    const auto* recorded = object_member(subject.outputs, "mappings");
    for (const auto& arn : found.mapped_arns) {
        const auto role_id = string_or_empty(wanted, arn);
        // A role that was deleted and made again no longer matches its mapping.
        const bool is_current =
            !role_id.empty() && recorded != nullptr && string_or_empty(*recorded, arn) == role_id;
        if (!is_current)
            database::unmap(world, session, names, arn);
        else
            found.current_arns.insert(arn);
    }
    for (const auto& [arn, role_id] : wanted)
        if (!found.current_arns.contains(arn))
            database::map(world, session, names, arn);
    return {{"mappings", wanted}};
}

json::object create(World& world, const Subject& subject, const json::object& inputs)
{
    return establish(world, subject, inputs);
}

json::object update(World& world, const Subject& subject, const json::object& inputs,
                    const Observed&)
{
    return establish(world, subject, inputs);
}

void destroy(World& world, const Subject& subject)
{
    const auto identifier = subject.parent_output("identifier");
    if (identifier.empty())
        return;
    const auto present = world.find(aws::dsql::GetCluster{.identifier = identifier});
    if (!present || !is_alive(*present))
        return;
    const auto schema = subject.output("schema");
    check_claim(world, *present, schema);
    const auto cluster = wait_for_cluster(world, identifier);
    auto session = world.connect(subject.parent_output("endpoint"));
    database::drop(world, session, names_of(subject));
    world.call(
        aws::dsql::UntagResource{.resource_arn = cluster.arn, .tag_keys = {claim_tag(schema)}});
}

} // namespace

ResourceType schema_type()
{
    return {.name = "schema",
            .holds_data = true,
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
