#include "base/text.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/kind.h"
#include "deploy/kinds/sql/mapping.h"
#include "deploy/kinds/sql/migrations.h"
#include "deploy/kinds/sql/schema.h"
#include "deploy/kinds/sql/sharing.h"

#include <algorithm>
#include <functional>
#include <set>

namespace nimbus::deploy::sql {
namespace {

/// One cluster with the schemas that this deployment has in it.
class ClusterFate {
public:
    ClusterFate(World& world, const State& state, const Record& cluster)
        : world_(world), state_(state), cluster_(cluster),
          outputs_(typed::outputs_from<ClusterResource>(cluster.outputs)),
          identifier_(outputs_.identifier)
    {
        for (const auto& [key, record] : state.records)
            if (record.parent == cluster.key())
                schemas_.push_back(key);
    }

    void decide(const std::optional<aws::dsql::Cluster>& cluster, DestroyMode mode, Fate& fate)
    {
        if (!cluster) {
            doom_all(fate);
            return;
        }
        identifier_ = cluster->identifier;
        // A claim that somebody took off the cluster does not make our data less ours.
        const bool is_ours = std::ranges::any_of(claims_of(cluster->tags), is_owned()) ||
                             std::ranges::any_of(schemas_, [&](const std::string& schema) {
                                 return state_.find(schema)->is_ours;
                             });
        const auto others = other_owners(cluster->tags, world_.owner());
        const auto command = destroy_command(world_.deployment());
        if (is_ours && mode == DestroyMode::keeps_data)
            keep(fate, "it holds data, and destroy keeps data without --force", command);
        else if (is_ours && is_protected(*cluster))
            protect(fate, command);
        else if (!others.empty())
            leave("to " + others, is_ours, fate);
        else if (const auto reason = reason_to_leave(*cluster, is_ours); !reason.empty())
            leave(reason, is_ours, fate);
        else
            doom_all(fate);
    }

private:
    std::function<bool(const SchemaClaim&)> is_owned() const
    {
        return [this](const SchemaClaim& claim) { return claim.owner == world_.owner(); };
    }

    bool is_strangers(const aws::dsql::Cluster& cluster) const
    {
        return !outputs_.shared_name.empty() && !is_made_by_an_application(cluster.tags);
    }

    /// On a cluster that would stay anyway each application's own declaration counts.
    bool is_protected(const aws::dsql::Cluster& cluster) const
    {
        if (is_strangers(cluster) || !other_owners(cluster.tags, world_.owner()).empty())
            return std::ranges::any_of(claims_of(cluster.tags), [&](const SchemaClaim& claim) {
                return is_owned()(claim) && claim.is_protected;
            });
        return cluster.deletion_protection;
    }

    void doom_all(Fate& fate)
    {
        fate.doomed.insert(cluster_.key());
        fate.doomed.insert(schemas_.begin(), schemas_.end());
    }

    /// Why a cluster that no other application claims is not deleted all the same; or "". Throws
    /// NotOurs when a person has to decide.
    std::string reason_to_leave(const aws::dsql::Cluster& cluster, bool is_ours) const
    {
        if (!is_ours && !world_.owns(cluster.tags))
            return "alone: this application has nothing in it";
        const auto strangers = unclaimed_in(cluster);
        for (const auto& name : recorded_schemas())
            if (std::ranges::find(strangers, name) != strangers.end())
                throw_lost_claim(world_, identifier_, name);
        if (is_strangers(cluster))
            return "alone: Nimbus did not create it";
        if (strangers.empty())
            return "";
        const auto names = join(strangers, ", ");
        if (!outputs_.shared_name.empty())
            return "alone: Nimbus did not create its schema " + names;
        throw NotOurs("The cluster " + identifier_ + " (" + cluster_.name +
                          ") would go with schemas that Nimbus did not create: " + names,
                      "Nothing was deleted. Drop what nobody needs of them with 'nimbus sql', then "
                      "run the command again. Without --force, destroy keeps the cluster.");
    }

    /// Schemas that no application claims. Nobody else claims one by now.
    std::vector<std::string> unclaimed_in(const aws::dsql::Cluster& cluster) const
    {
        const bool has_content = !outputs_.endpoint.empty(); // else nothing was made in it yet
        if (!has_content || !can_be_read(world_, cluster))
            return {};
        auto session = connect(world_, outputs_.endpoint);
        return unclaimed(schemas_in(session), cluster.tags);
    }

    /// The names of those that are proved to be ours.
    std::set<std::string> recorded_schemas() const
    {
        std::set<std::string> names;
        for (const auto& key : schemas_)
            if (const auto& record = *state_.find(key); record.is_ours)
                names.insert(typed::outputs_from<Schema>(record.outputs).schema);
        return names;
    }

    void leave(const std::string& reason, bool is_ours, Fate& fate)
    {
        world_.status().note("Leaving the cluster " + identifier_ + ' ' + reason);
        fate.left.insert(cluster_.key());
        auto& schemas = is_ours ? fate.doomed : fate.left;
        schemas.insert(schemas_.begin(), schemas_.end());
    }

    void keep(Fate& fate, const std::string& reason, const std::string& how)
    {
        std::string what = "cluster " + identifier_ + " (" + cluster_.name + ")";
        for (const auto& key : schemas_) {
            const auto schema = typed::outputs_from<Schema>(state_.find(key)->outputs);
            what += ", schema " + schema.schema + ", role " + schema.db_role;
        }
        fate.kept.push_back({.resource = what, .reason = reason, .how = how});
    }

    void protect(Fate& fate, const std::string& command)
    {
        const std::string reason = "it has deletion protection";
        fate.protections.push_back(
            {.resource = "cluster " + identifier_ + " (" + cluster_.name + ")",
             .reason = reason,
             .how = "set deletionProtection to false (C++: .deletion_protection = false), run "
                    "'nimbus deploy', and then '" +
                    command + "' again."});
        keep(fate, reason, "Set deletionProtection to false, run 'nimbus deploy', then " + command);
    }

    World& world_;
    const State& state_;
    const Record& cluster_;
    ClusterOutputs outputs_;
    std::string identifier_;
    std::vector<std::string> schemas_;
};

} // namespace

void decide_fate(World& world, const State& state, DestroyMode mode, Fate& fate)
{
    Reads reads(world);
    for (const auto& [key, record] : state.records) {
        if (record.type != ClusterResource::name)
            continue;
        const auto cluster =
            locate(world, reads,
                   {.name = record.name,
                    .nonce = record.nonce,
                    .is_recorded = record.is_ours,
                    .outputs = typed::outputs_from<ClusterResource>(record.outputs),
                    .parent = {}});
        ClusterFate(world, state, record).decide(cluster, mode, fate);
    }
    // The IAM roles are deleted, whether the data stays or not.
    for (const auto& [key, record] : state.records)
        if (record.type == Mapping::name)
            (fate.left.contains(record.parent) ? fate.left : fate.doomed).insert(key);
    // What is known of a schema's migrations has its schema's fate.
    for (const auto& [key, record] : state.records)
        if (record.type == Migrations::name)
            for (auto* records : {&fate.doomed, &fate.left})
                if (records->contains(record.parent))
                    records->insert(key);
}

} // namespace nimbus::deploy::sql
