#include "aws/ops/dsql/clusters.h"
#include "aws/ops/dsql/tags.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "deploy/resources/catalog.h"
#include "deploy/sharing.h"

#include <algorithm>
#include <tuple>

/// A DSQL cluster, the application's own or a shared one. Nothing about it can be chosen but its
/// tags: it is found by them.
namespace nimbus::deploy {
namespace {

using aws::dsql::Cluster;

constexpr std::chrono::seconds creating_limit{600};
constexpr std::chrono::seconds deleting_limit{1800};

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& sql : application.manifest.sql) {
        const auto name = cluster_name(sql);
        const auto present = std::ranges::find(nodes, name, &Node::name);
        if (present != nodes.end()) {
            if (sql.deletion_protection)
                present->inputs["deletionProtection"] = true;
            continue;
        }
        auto tags = tags_input(application, "cluster", name);
        if (sql.cluster)
            tags[shared_cluster_tag] = *sql.cluster;
        const json::object identity{{"sharedName", sql.cluster.value_or("")}};
        nodes.push_back({.type = "cluster",
                         .name = name,
                         .identity = identity,
                         .inputs = {{"deletionProtection", sql.deletion_protection},
                                    {"tags", std::move(tags)}}});
    }
    return nodes;
}

json::object outputs_of(const World& world, const Cluster& cluster)
{
    const auto endpoint = cluster.endpoint.empty()
                              ? cluster.identifier + ".dsql." + world.target().region + ".on.aws"
                              : cluster.endpoint;
    return {{"identifier", cluster.identifier}, {"arn", cluster.arn}, {"endpoint", endpoint}};
}

bool has_tags(const Cluster& cluster, const aws::Tags& wanted)
{
    return std::ranges::all_of(wanted, [&](const auto& tag) {
        const auto present = cluster.tags.find(tag.first);
        return present != cluster.tags.end() && present->second == tag.second;
    });
}

/// The oldest cluster with the tags that it is to be found by. Oldest, so that two applications
/// that made a shared one at the same time agree.
std::optional<Cluster> search(World& world, Reads& reads, const Subject& subject)
{
    const auto shared = subject.output("sharedName");
    const auto wanted = shared.empty() ? world.tags("cluster/" + subject.name)
                                       : aws::Tags{{std::string(shared_cluster_tag), shared}};
    std::optional<Cluster> oldest;
    const auto age = [](const Cluster& cluster) {
        return std::tie(cluster.creation_time, cluster.identifier);
    };
    for (const auto& cluster : reads.clusters())
        if (has_tags(cluster, wanted) && (!oldest || age(cluster) < age(*oldest)))
            oldest = cluster;
    return oldest;
}

std::optional<Cluster> locate(World& world, Reads& reads, const Subject& subject)
{
    if (const auto identifier = subject.output("identifier"); !identifier.empty())
        if (const auto& cluster = reads.cluster(identifier); cluster && is_alive(*cluster))
            return cluster;
    return search(world, reads, subject);
}

/// Its creation failed, and nobody ever got to use it.
bool is_stillborn(const Cluster& cluster)
{
    return cluster.status == "FAILED" && claims_of(cluster.tags).empty();
}

std::optional<Observed> read(World& world, Reads& reads, const Subject& subject)
{
    const auto cluster = locate(world, reads, subject);
    if (!cluster)
        return {};
    auto tags = own_tags(cluster->tags);
    if (!subject.output("sharedName").empty())
        tags[shared_cluster_tag] = subject.output("sharedName");
    Observed observed{.inputs = {{"deletionProtection", cluster->deletion_protection},
                                 {"othersProtect", others_protect(cluster->tags, world.owner())},
                                 {"madeByUs", world.owns(cluster->tags)},
                                 {"tags", std::move(tags)}},
                      .outputs = outputs_of(world, *cluster)};
    if (!is_usable(*cluster))
        observed.condition = cluster->status;
    if (is_stillborn(*cluster))
        observed.broken = "its creation failed";
    return observed;
}

bool wanted_protection(const json::object& inputs, const Observed& observed)
{
    return inputs.at("deletionProtection").as_bool() ||
           observed.inputs.at("othersProtect").as_bool();
}

/// A shared cluster keeps the tags of the application that made it.
bool tags_differ(const json::object& inputs, const Observed& observed)
{
    return observed.inputs.at("madeByUs").as_bool() &&
           inputs.at("tags") != observed.inputs.at("tags");
}

std::vector<std::string> differences(const json::object& inputs, const Observed& observed)
{
    auto wanted = inputs;
    wanted["deletionProtection"] = wanted_protection(inputs, observed);
    auto present = observed.inputs;
    present.erase("othersProtect");
    present.erase("madeByUs");
    if (!tags_differ(inputs, observed))
        present.erase("tags");
    return compare_inputs(wanted, present);
}

json::object update(World& world, const Subject&, const json::object& inputs,
                    const Observed& observed)
{
    const auto identifier = string_or_empty(observed.outputs, "identifier");
    const bool protection = wanted_protection(inputs, observed);
    if (protection != observed.inputs.at("deletionProtection").as_bool())
        world.call(
            aws::dsql::UpdateCluster{.identifier = identifier, .deletion_protection = protection});
    if (tags_differ(inputs, observed))
        world.call(aws::dsql::TagResource{.resource_arn = string_or_empty(observed.outputs, "arn"),
                                          .tags = to_tags(inputs.at("tags").as_object())});
    return observed.outputs;
}

/// Deletes a cluster that nobody uses; waits until its state allows it.
void delete_cluster(World& world, const std::string& identifier)
{
    world.wait("cluster " + identifier + " to be deletable", creating_limit, [&] {
        const auto cluster = world.find(aws::dsql::GetCluster{.identifier = identifier});
        if (!cluster || !is_alive(*cluster))
            return true;
        if (const auto others = other_owners(cluster->tags, world.owner()); !others.empty())
            throw Error("The cluster " + identifier + " is used by " + others + " by now",
                        "Run the command again: it leaves the cluster to them.");
        if (cluster->status == "CREATING" || cluster->status == "UPDATING")
            return false;
        if (is_stillborn(*cluster) && cluster->deletion_protection)
            world.call(
                aws::dsql::UpdateCluster{.identifier = identifier, .deletion_protection = false});
        try {
            world.call(aws::dsql::DeleteCluster{.identifier = identifier});
            return true;
        } catch (const aws::ApiError& error) {
            if (error.is_not_found())
                return true;
            if (error.is("ConflictException"))
                return false;
            throw;
        }
    });
}

json::object create(World& world, const Subject& subject, const json::object& inputs)
{
    // The same token gives the same cluster, should this be the second attempt.
    const auto token = crypto::sha256_hex(world.owner() + '/' + world.deployment().region + '/' +
                                          subject.name + '/' + subject.nonce);
    const auto made = world.call(
        aws::dsql::CreateCluster{.client_token = token,
                                 .deletion_protection = inputs.at("deletionProtection").as_bool(),
                                 .tags = to_tags(inputs.at("tags").as_object())});
    if (subject.output("sharedName").empty())
        return outputs_of(world, made);
    Reads reads(world);
    const auto oldest = search(world, reads, subject);
    if (!oldest || oldest->identifier == made.identifier)
        return outputs_of(world, made);
    world.status().note("Another application made " + subject.name +
                        " at the same time: uses that one");
    if (made.deletion_protection)
        world.call(
            aws::dsql::UpdateCluster{.identifier = made.identifier, .deletion_protection = false});
    delete_cluster(world, made.identifier);
    return outputs_of(world, *oldest);
}

void destroy(World& world, const Subject& subject)
{
    Reads reads(world);
    const auto cluster = locate(world, reads, subject);
    if (!cluster)
        return;
    delete_cluster(world, cluster->identifier);
    // Minutes on AWS. Who destroys wants to know that nothing is left that costs money.
    world.wait("cluster " + cluster->identifier + " to be gone", deleting_limit, [&] {
        return !world.find(aws::dsql::GetCluster{.identifier = cluster->identifier});
    });
}

} // namespace

ResourceType cluster_type()
{
    return {.name = "cluster",
            .holds_data = true,
            .declare = declare,
            .read = read,
            .differences = differences,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
