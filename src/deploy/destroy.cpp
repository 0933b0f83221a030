#include "deploy/deploy.h"
#include "deploy/engine.h"
#include "deploy/observe.h"
#include "deploy/sharing.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

/// What becomes of the databases of a deployment.
struct Fate {
    std::set<std::string> doomed; ///< records whose things are deleted
    std::set<std::string> left;   ///< records that are forgotten: their things are other people's
    std::vector<Kept> kept;
    std::vector<std::string> protections; ///< clusters that --force did not get
};

std::string destroy_command(const DeploymentId& id)
{
    return "nimbus destroy --project " + id.project + " --region " + id.region + " --stage " +
           id.stage + " --force";
}

/// One cluster with the schemas that this deployment has in it.
class ClusterFate {
public:
    ClusterFate(World& world, const State& state, std::string key)
        : world_(world), state_(state), key_(std::move(key)),
          identifier_(string_or_empty(state.find(key_)->outputs, "identifier"))
    {
        for (const auto& [other, record] : state.records)
            if (record.parent == key_)
                schemas_.push_back(other);
    }

    void decide(const aws::dsql::Cluster* cluster, bool force, Fate& fate)
    {
        if (cluster == nullptr) {
            doom_all(fate);
            return;
        }
        identifier_ = cluster->identifier;
        // A claim that somebody took off the cluster does not make our data less ours.
        const bool is_ours = std::ranges::any_of(claims_of(cluster->tags), is_owned()) ||
                             std::ranges::any_of(schemas_, [&](const std::string& schema) {
                                 return state_.find(schema)->status != Record::Status::creating;
                             });
        const auto others = other_owners(cluster->tags, world_.owner());
        if (is_ours && !force)
            keep(fate, "it holds data, and destroy keeps data without --force",
                 destroy_command(world_.deployment()));
        else if (is_ours && is_protected(*cluster))
            protect(fate);
        else if (!others.empty())
            leave_to(others, is_ours, fate);
        else
            doom_all(fate);
    }

private:
    std::function<bool(const SchemaClaim&)> is_owned() const
    {
        return [this](const SchemaClaim& claim) { return claim.owner == world_.owner(); };
    }

    /// On a shared cluster each application's own declaration counts.
    bool is_protected(const aws::dsql::Cluster& cluster) const
    {
        if (!other_owners(cluster.tags, world_.owner()).empty())
            return std::ranges::any_of(claims_of(cluster.tags), [&](const SchemaClaim& claim) {
                return is_owned()(claim) && claim.is_protected;
            });
        return cluster.deletion_protection;
    }

    void doom_all(Fate& fate)
    {
        fate.doomed.insert(key_);
        fate.doomed.insert(schemas_.begin(), schemas_.end());
    }

    void leave_to(const std::string& others, bool is_ours, Fate& fate)
    {
        world_.status().note("Leaves the cluster " + identifier_ + " to " + others);
        fate.left.insert(key_);
        auto& schemas = is_ours ? fate.doomed : fate.left;
        schemas.insert(schemas_.begin(), schemas_.end());
    }

    void keep(Fate& fate, const std::string& reason, const std::string& how)
    {
        std::string what = "cluster " + identifier_ + " (" + state_.find(key_)->name + ")";
        for (const auto& schema : schemas_) {
            const auto& outputs = state_.find(schema)->outputs;
            what += ", schema " + string_or_empty(outputs, "schema") + ", role " +
                    string_or_empty(outputs, "dbRole");
        }
        fate.kept.push_back({.resource = what, .reason = reason, .how = how});
    }

    void protect(Fate& fate)
    {
        fate.protections.push_back(identifier_ + " (" + state_.find(key_)->name + ")");
        keep(fate, "it has deletion protection",
             "Set deletionProtection to false, 'nimbus deploy', then " +
                 destroy_command(world_.deployment()));
    }

    World& world_;
    const State& state_;
    std::string key_;
    std::string identifier_;
    std::vector<std::string> schemas_;
};

Fate decide(World& world, const State& state, bool force)
{
    std::vector<Node> clusters;
    Fate fate;
    for (const auto& [key, record] : state.records) {
        if (record.type == "cluster")
            clusters.push_back({.type = record.type, .name = record.name});
        else if (!resource_type(record.type).holds_data)
            fate.doomed.insert(key);
    }
    const auto observations = observe(world, clusters, state, 4);
    for (const auto& node : clusters) {
        const auto& observed = observations.at(node.key());
        std::optional<aws::dsql::Cluster> cluster;
        if (observed)
            cluster = world.find(aws::dsql::GetCluster{
                .identifier = string_or_empty(observed->outputs, "identifier")});
        ClusterFate(world, state, node.key()).decide(cluster ? &*cluster : nullptr, force, fate);
    }
    return fate;
}

[[noreturn]] void throw_protected(const std::vector<std::string>& clusters,
                                  const DeploymentId& deployment)
{
    std::string names;
    for (const auto& cluster : clusters)
        names += (names.empty() ? "" : ", ") + cluster;
    throw Error("Deletion protection keeps the cluster " + names +
                    " with all its data; everything else is deleted",
                "To delete it, set deletionProtection to false (C++: .deletion_protection = "
                "false), run 'nimbus deploy', and then '" +
                    destroy_command(deployment) + "' again.");
}

} // namespace

DestroyResult destroy(const Target& target, const DeploymentId& deployment, bool force,
                      const Options& options)
{
    SerialStatus status(options.status);
    World world(target, deployment, status, options.interrupted);
    status.phase("Reading the state of " + deployment.project + " (" + deployment.stage + ")");
    if (!StateStore(world).load())
        return {};

    const Lock lock(world, lock_options(options, "destroy"));
    StateStore store(world);
    auto state = store.load();
    if (!state)
        return {};
    const auto before = *state;
    const auto fate = decide(world, *state, force);
    for (auto& [key, record] : state->records)
        if (!fate.doomed.contains(key))
            record.status = Record::Status::kept;
    const auto plan = make_removal_plan(*state, fate.doomed);
    status.phase("Destroying " + deployment.project + " (" + deployment.stage + ")");
    DestroyResult result{.existed = true, .kept = fate.kept};
    // A destroy that only keeps what the one before it kept writes nothing.
    if (!plan.changes_nothing() || !fate.left.empty() || state->records.empty() ||
        *state != before) {
        Journal journal(store, *state);
        result.changes = carry_out(world, plan, journal, lock, options);
        journal.forget(fate.left);
        journal.finish({});
    }
    if (!fate.protections.empty())
        throw_protected(fate.protections, deployment);
    return result;
}

} // namespace nimbus::deploy
