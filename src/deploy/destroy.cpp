#include "base/text.h"
#include "deploy/deploy.h"
#include "deploy/engine.h"
#include "deploy/extras.h"
#include "deploy/kind.h"
#include "deploy/observe.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace nimbus::deploy {
namespace {

/// The records of the kind's types.
std::set<std::string> records_of(const Kind& kind, const State& state)
{
    std::set<std::string> keys;
    for (const auto& [key, record] : state.records)
        if (std::ranges::find(kind.types, record.type, &ResourceType::name) != kind.types.end())
            keys.insert(key);
    return keys;
}

Fate decide(World& world, const State& state, DestroyMode mode)
{
    Fate fate;
    for (const auto& kind : world.kinds()) {
        if (kind.decide_fate != nullptr)
            kind.decide_fate(world, state, mode, fate);
        else
            fate.doomed.merge(records_of(kind, state));
    }
    return fate;
}

/// Throws when the state was written by a newer Nimbus: nothing of it is touched then.
void require_known_types(const Kinds& kinds, const State& state)
{
    for (const auto& [key, record] : state.records)
        kinds.type(record.type);
}

/// What there is of a deployment that has no state; what cannot be read is not told.
std::vector<std::string> strays_of(World& world)
{
    std::vector<std::string> strays;
    Reads reads(world);
    for (const auto& kind : world.kinds()) {
        if (kind.strays == nullptr)
            continue;
        try {
            std::ranges::move(kind.strays(world, reads), std::back_inserter(strays));
        } catch (const aws::ApiError&) {
            continue; // who may not read them is told of the others
        }
    }
    return strays;
}

/// Throws Error where there are things of the deployment all the same.
void check_that_nothing_is_there(World& world)
{
    const auto strays = strays_of(world);
    if (strays.empty())
        return;
    const auto& id = world.deployment();
    throw Error("The bucket '" + world.target().bucket + "' has no state of " + id.project +
                    " (stage " + id.stage + "), but there is " + join(strays, ", "),
                "It was deployed with another bucket: choose that one with 'nimbus init --bucket "
                "<name>'. If its state is lost, 'nimbus deploy' takes over what is there; then "
                "destroy it.");
}

/// What somebody added goes with what is deleted: nothing would be left for it to be in.
void tell_what_goes_along(World& world, const State& state, const std::set<std::string>& doomed)
{
    auto going = state;
    std::erase_if(going.records,
                  [&](const auto& record) { return !doomed.contains(record.first); });
    const auto nodes = recorded_nodes(going);
    try {
        Reads reads(world);
        std::map<std::string, std::string> unknown;
        const auto found = observe(world, reads, nodes, going, reads_at_a_time, unknown);
        for (const auto& extra : find_extras(world, reads, Present(going, nodes, found)))
            world.status().note("With the " + extra.resource +
                                " goes what somebody added to it: " + extra.what);
    } catch (const Stopped&) {
        throw;
    } catch (const Error& error) {
        world.status().note("What somebody may have added to it goes along, and was not looked "
                            "for: " +
                            std::string(error.what()));
    }
}

[[noreturn]] void throw_protected(const std::vector<Kept>& protections)
{
    std::string names;
    for (const auto& kept : protections)
        names += (names.empty() ? "" : ", ") + kept.resource;
    throw Error("Deletion protection keeps the " + names +
                    " with all its data; everything else is deleted",
                "To delete it: " + protections.front().how);
}

} // namespace

std::string destroy_command(const DeploymentId& id)
{
    return "nimbus destroy --project " + id.project + " --region " + id.region + " --stage " +
           id.stage + " --force";
}

DestroyResult destroy(const Kinds& kinds, const Target& target, const DeploymentId& deployment,
                      bool force, const Options& options)
{
    auto& status = *options.status;
    World world(kinds, target, deployment, status, options.interrupted);
    status.phase("Reading the state of " + deployment.project + " (" + deployment.stage + ")");
    if (!StateStore(world).load()) {
        remove_abandoned_lock(world);
        check_that_nothing_is_there(world);
        return {};
    }

    Lock lock(world, lock_options(options, "destroy"));
    StateStore store(world);
    auto state = store.load();
    if (!state)
        return {};
    require_known_types(kinds, *state);
    const auto before = *state;
    const auto fate =
        decide(world, *state, force ? DestroyMode::deletes_data : DestroyMode::keeps_data);
    for (auto& [key, record] : state->records)
        if (!fate.doomed.contains(key))
            record.status = Record::Status::kept;
    const auto plan = make_removal_plan(kinds, *state, fate.doomed);
    status.phase("Destroying " + deployment.project + " (" + deployment.stage + ")");
    tell_what_goes_along(world, *state, fate.doomed);
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
        throw_protected(fate.protections);
    return result;
}

} // namespace nimbus::deploy
