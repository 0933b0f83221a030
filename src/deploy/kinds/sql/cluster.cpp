#include "deploy/kinds/sql/cluster.h"

#include "aws/ops/dsql/clusters.h"
#include "aws/ops/dsql/tags.h"
#include "base/error.h"
#include "base/hosts_file.h"
#include "crypto/digest.h"
#include "deploy/application.h"
#include "deploy/kinds/sql/sharing.h"

#include <algorithm>
#include <tuple>

namespace nimbus::deploy::sql {
namespace {

using aws::dsql::Cluster;
using Subject = ClusterResource::Subject;

constexpr std::chrono::milliseconds creating_time{500};
constexpr std::chrono::seconds creating_limit{600};
constexpr std::chrono::milliseconds deleting_time{500};
constexpr std::chrono::seconds deleting_limit{1800};

ClusterOutputs outputs_of(const World& world, const Cluster& cluster)
{
    const auto endpoint = cluster.endpoint.empty()
                              ? cluster.identifier + ".dsql." + world.target().region + ".on.aws"
                              : cluster.endpoint;
    return {.identifier = cluster.identifier,
            .arn = cluster.arn,
            .endpoint = endpoint,
            .hostaddr = find_host(world.target().hosts_file, endpoint),
            .shared_name = {}};
}

/// The oldest cluster with the tags that it is to be found by. Oldest, so that two applications
/// that made a shared one at the same time agree.
std::optional<Cluster> search(World& world, Reads& reads, const Subject& subject)
{
    const auto& shared = subject.outputs.shared_name;
    const auto wanted = shared.empty()
                            ? tags_of(world.deployment(), ClusterResource::name, subject.name)
                            : aws::Tags{{std::string(shared_cluster_tag), shared}};
    std::optional<Cluster> oldest;
    const auto age = [](const Cluster& cluster) {
        return std::tie(cluster.creation_time, cluster.identifier);
    };
    for (const auto& cluster : reads.of<ClusterReads>().clusters())
        if (has_tags(cluster.tags, wanted) && (!oldest || age(cluster) < age(*oldest)))
            oldest = cluster;
    return oldest;
}

/// Its creation failed, and nobody ever got to use it.
bool is_stillborn(const Cluster& cluster)
{
    return cluster.status == "FAILED" && claims_of(cluster.tags).empty();
}

bool is_strangers(const ClusterResource::Observed& observed)
{
    const auto& tags = observed.inputs.tags;
    return tags.contains(std::string(shared_cluster_tag)) && !is_made_by_an_application(tags);
}

bool wanted_protection(const ClusterInputs& inputs, const ClusterResource::Observed& observed)
{
    if (is_strangers(observed))
        return observed.inputs.deletion_protection;
    return inputs.deletion_protection || observed.inputs.others_protect.value_or(false);
}

/// A shared cluster keeps the tags of the application that made it.
bool tags_differ(const ClusterInputs& inputs, const ClusterResource::Observed& observed)
{
    return observed.inputs.made_by_us.value_or(false) && inputs.tags != observed.inputs.tags;
}

/// Throws Error when another application uses the cluster.
void check_that_nobody_uses_it(const World& world, const Cluster& cluster)
{
    const auto others = other_owners(cluster.tags, world.owner());
    if (!others.empty())
        throw Error("The cluster " + cluster.identifier + " is now used by " + others,
                    "Run the command again: it leaves the cluster to them.");
}

void unmark(World& world, const Cluster& cluster)
{
    world.call(aws::dsql::UntagResource{.resource_arn = cluster.arn,
                                        .tag_keys = {std::string(deleting_tag)}});
}

/// From here on nobody claims a schema in it; see deleting_tag. Deleting may take long, where AWS
/// throttles it.
void mark_as_leaving(World& world, const Cluster& cluster)
{
    world.call(aws::dsql::TagResource{.resource_arn = cluster.arn,
                                      .tags = {{std::string(deleting_tag), world.owner()}}});
    try {
        check_that_nobody_uses_it(
            world, world.call(aws::dsql::GetCluster{.identifier = cluster.identifier}));
    } catch (const Error&) {
        unmark(world, cluster);
        throw;
    }
}

/// Deletes a cluster that nobody uses; waits until its state allows it.
void delete_cluster(World& world, const std::string& identifier)
{
    world.wait({.what = "cluster " + identifier + " to be deletable",
                .kind = "deletable cluster",
                .usual = creating_time,
                .limit = creating_limit},
               [&] {
                   const auto cluster = world.find(aws::dsql::GetCluster{.identifier = identifier});
                   if (!cluster || !is_alive(*cluster))
                       return true;
                   check_that_nobody_uses_it(world, *cluster);
                   if (cluster->status == "CREATING" || cluster->status == "UPDATING")
                       return false;
                   if (is_stillborn(*cluster) && cluster->deletion_protection)
                       world.call(aws::dsql::UpdateCluster{.identifier = identifier,
                                                           .deletion_protection = false});
                   const bool is_shared = cluster->tags.contains(std::string(shared_cluster_tag));
                   if (is_shared)
                       mark_as_leaving(world, *cluster);
                   try {
                       world.call(aws::dsql::DeleteCluster{.identifier = identifier});
                       return true;
                   } catch (const aws::ApiError& error) {
                       if (error.is_not_found())
                           return true;
                       if (error.is("ConflictException"))
                           return false;
                       if (is_shared)
                           unmark(world, *cluster);
                       throw;
                   }
               });
}

/// Source of the code: Aurora DSQL User Guide, "Cluster quotas and database limits".
Cluster create_within_quota(World& world, const aws::dsql::CreateCluster& request)
{
    try {
        return world.call(request);
    } catch (const aws::ApiError& error) {
        if (!error.is("ServiceQuotaExceededException"))
            throw;
        throw Error("The account's quota of Aurora DSQL clusters in Region " +
                        world.target().region + " is used up",
                    "Delete a cluster that nobody needs, share one with another application by "
                    "`cluster`, or ask for an increase in Service Quotas. Then deploy again.");
    }
}

std::string failed_cluster_hint(const World& world)
{
    if (world.target().name != "local")
        return "Deploy again: that creates the cluster again.";
    return "The local cloud's log says why ('nimbus local logs' shows it). Often the disk is "
           "full, or PostgreSQL is not installed ('apt install postgresql', or set "
           "NIMBUS_POSTGRES_BIN). Then deploy again: that creates the cluster again.";
}

} // namespace

std::string cluster_name(const Database& database)
{
    return database.cluster ? "shared/" + *database.cluster : database.name;
}

std::vector<Node> cluster_nodes(const Application& application)
{
    std::vector<NodeOf<ClusterResource>> clusters;
    for (const auto& database : application.manifest.declared.of<Database>()) {
        const auto name = cluster_name(database);
        const auto present = std::ranges::find(clusters, name, &NodeOf<ClusterResource>::name);
        if (present != clusters.end()) {
            present->inputs.deletion_protection |= database.deletion_protection;
            continue;
        }
        auto tags = tags_of(application, ClusterResource::name, name);
        if (database.cluster)
            tags[std::string(shared_cluster_tag)] = *database.cluster;
        clusters.push_back({.name = name,
                            .identity = {.shared_name = database.cluster.value_or("")},
                            .inputs = {.deletion_protection = database.deletion_protection,
                                       .tags = std::move(tags)}});
    }
    std::vector<Node> nodes;
    for (auto& cluster : clusters)
        nodes.push_back(std::move(cluster).node());
    return nodes;
}

std::optional<Cluster> locate(World& world, Reads& reads, const Subject& subject)
{
    if (const auto& identifier = subject.outputs.identifier; !identifier.empty())
        if (const auto& cluster = reads.of<ClusterReads>().cluster(identifier);
            cluster && is_alive(*cluster))
            return cluster;
    return search(world, reads, subject);
}

Cluster wait_until_usable(World& world, const std::string& identifier)
{
    Cluster cluster;
    world.wait({.what = "cluster " + identifier + " to become active",
                .kind = "active cluster",
                .usual = creating_time,
                .limit = creating_limit},
               [&] {
                   cluster = world.call(aws::dsql::GetCluster{.identifier = identifier});
                   if (cluster.status == "FAILED")
                       throw Error("The cluster " + identifier +
                                       " could not be created: its status is FAILED",
                                   failed_cluster_hint(world));
                   if (!is_alive(cluster))
                       throw Error("The cluster " + identifier + " is being deleted",
                                   "Deploy again: that creates a new one.");
                   return is_usable(cluster);
               });
    return cluster;
}

bool can_be_read(World& world, const Cluster& cluster)
{
    if (cluster.status != "UPDATING")
        return is_usable(cluster);
    wait_until_usable(world, cluster.identifier);
    return true;
}

std::optional<ClusterResource::Observed> ClusterResource::read(World& world, Reads& reads,
                                                               const Subject& subject)
{
    const auto cluster = locate(world, reads, subject);
    if (!cluster)
        return {};
    auto tags = own_tags(cluster->tags);
    if (const auto& shared = subject.outputs.shared_name; !shared.empty())
        tags[std::string(shared_cluster_tag)] = shared;
    Observed observed{.inputs = {.deletion_protection = cluster->deletion_protection,
                                 .tags = std::move(tags),
                                 .others_protect = others_protect(cluster->tags, world.owner()),
                                 .made_by_us = world.owns(cluster->tags)},
                      .outputs = outputs_of(world, *cluster)};
    if (!is_usable(*cluster))
        observed.condition = cluster->status;
    if (is_stillborn(*cluster))
        observed.broken = "its creation failed";
    return observed;
}

std::vector<std::string> ClusterResource::differences(const Inputs& inputs,
                                                      const Observed& observed)
{
    const Inputs wanted{.deletion_protection = wanted_protection(inputs, observed),
                        .tags = tags_differ(inputs, observed) ? inputs.tags : observed.inputs.tags};
    return compare_inputs(described::to_json(wanted), described::to_json(observed.inputs));
}

ClusterOutputs ClusterResource::update(World& world, const Subject&, const Inputs& inputs,
                                       const Observed& observed)
{
    const auto& identifier = observed.outputs.identifier;
    const bool protection = wanted_protection(inputs, observed);
    if (protection != observed.inputs.deletion_protection)
        world.call(
            aws::dsql::UpdateCluster{.identifier = identifier, .deletion_protection = protection});
    if (tags_differ(inputs, observed))
        world.call(
            aws::dsql::TagResource{.resource_arn = observed.outputs.arn, .tags = inputs.tags});
    return observed.outputs;
}

ClusterOutputs ClusterResource::create(World& world, const Subject& subject, const Inputs& inputs)
{
    // The same token gives the same cluster, should this be the second attempt.
    const auto token = crypto::sha256_hex(world.owner() + '/' + world.deployment().region + '/' +
                                          subject.name + '/' + subject.nonce);
    const auto made = create_within_quota(world, {.client_token = token,
                                                  .deletion_protection = inputs.deletion_protection,
                                                  .tags = inputs.tags});
    if (subject.outputs.shared_name.empty())
        return outputs_of(world, made);
    Reads reads(world);
    const auto oldest = search(world, reads, subject);
    if (!oldest || oldest->identifier == made.identifier)
        return outputs_of(world, made);
    world.status().note("Another application created " + subject.name +
                        " at the same time: using that one");
    if (made.deletion_protection)
        world.call(
            aws::dsql::UpdateCluster{.identifier = made.identifier, .deletion_protection = false});
    delete_cluster(world, made.identifier);
    return outputs_of(world, *oldest);
}

void ClusterResource::destroy(World& world, const Subject& subject)
{
    Reads reads(world);
    // One that an earlier destroy began to delete is not located any more, and still there.
    auto identifier = subject.outputs.identifier;
    if (const auto cluster = locate(world, reads, subject)) {
        identifier = cluster->identifier;
        delete_cluster(world, identifier);
    }
    if (identifier.empty())
        return;
    // Minutes on AWS. Who destroys wants to know that nothing is left that costs money.
    world.wait({.what = "cluster " + identifier + " to be gone",
                .kind = "deleted cluster",
                .usual = deleting_time,
                .limit = deleting_limit},
               [&] { return !world.find(aws::dsql::GetCluster{.identifier = identifier}); });
}

ClusterOutputs ClusterResource::expected(const Target& target, const Outputs& identity)
{
    const auto location = expected_location(target.region, target.account_id);
    return {.identifier = location.identifier,
            .arn = location.arn,
            .endpoint = location.endpoint,
            .hostaddr = {},
            .shared_name = identity.shared_name};
}

} // namespace nimbus::deploy::sql
