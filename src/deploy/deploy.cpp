#include "deploy/deploy.h"

#include "deploy/engine.h"
#include "deploy/graph.h"
#include "deploy/observe.h"

namespace nimbus::deploy {
namespace {

/// Reads are short and there are many.
constexpr int reads_at_a_time = 8;

/// How things stand, and what is to be done.
struct Look {
    State state;
    Plan plan;
    State settled; ///< the state when nothing is to be done

    /// Also when only the state has to be put right: a deploy was killed before its last write.
    bool is_current() const { return plan.changes_nothing() && settled == state; }
};

const json::object& outputs_in(const State& state, const std::string& key)
{
    static const json::object nothing;
    const auto* record = state.find(key);
    return record == nullptr ? nothing : record->outputs;
}

Outputs outputs_of(const Application& application, const State& state)
{
    const auto& manifest = application.manifest;
    Outputs outputs{.deployment = application.deployment()};
    for (const auto& api : manifest.apis) {
        const auto& known = outputs_in(state, api_key(api));
        outputs.apis.push_back({.name = api.name,
                                .id = string_or_empty(known, "apiId"),
                                .url = string_or_empty(known, "endpoint") + '/' + api.stage,
                                .routes = api.routes});
    }
    for (const auto& sql : manifest.sql) {
        const auto& cluster = outputs_in(state, cluster_key(sql));
        outputs.sql.push_back(
            {.name = sql.name,
             .identifier = string_or_empty(cluster, "identifier"),
             .endpoint = string_or_empty(cluster, "endpoint"),
             .arn = string_or_empty(cluster, "arn"),
             .schema = sql.schema,
             .db_role = string_or_empty(outputs_in(state, schema_key(sql)), "dbRole")});
    }
    for (const auto& function : manifest.functions)
        outputs.functions.push_back(
            {.name = function.name,
             .arn = string_or_empty(outputs_in(state, function_key(function)), "arn"),
             .log_group = string_or_empty(outputs_in(state, log_group_key(function)), "logGroup")});
    return outputs;
}

Look look(World& world, StateStore& store, const Application& application,
          const std::vector<Node>& graph)
{
    auto state = store.load().value_or(
        State{.deployment = world.deployment(), .account_id = world.target().account_id});
    auto plan = make_plan(graph, state, observe(world, graph, state, reads_at_a_time));
    auto settled = with_intents(state, plan);
    if (plan.changes_nothing())
        settled.outputs = outputs_of(application, settled);
    return {.state = std::move(state), .plan = std::move(plan), .settled = std::move(settled)};
}

void check(const Target& target, const manifest::Manifest& manifest)
{
    if (manifest.region != target.region)
        throw UsageError("The program is for Region " + manifest.region +
                         ", but the target is Region " + target.region);
}

void tell_what_is_kept(World& world, const Plan& plan)
{
    for (const auto& step : plan.steps)
        if (step.action == Action::keep && step.node.inputs.empty())
            world.status().note("Keeps " + step.key() +
                                ": it left the program, but it holds data. 'nimbus destroy "
                                "--force' deletes it with the application.");
}

} // namespace

PlanSummary plan(const Target& target, const manifest::Manifest& manifest, const Artifact& artifact)
{
    check(target, manifest);
    const Application application{manifest, artifact, target};
    SerialStatus status(nullptr);
    World world(target, application.deployment(), status);
    StateStore store(world);
    return summarize(look(world, store, application, desired_graph(application)).plan,
                     application.deployment());
}

std::optional<DeployResult> deploy(const Target& target, const manifest::Manifest& manifest,
                                   const Artifact& artifact, const Options& options,
                                   const std::function<bool(const PlanSummary&)>& confirm)
{
    check(target, manifest);
    const Application application{manifest, artifact, target};
    SerialStatus status(options.status);
    World world(target, application.deployment(), status, options.interrupted);
    StateStore store(world);
    const auto graph = desired_graph(application);
    const auto agreed = [&](const Plan& plan) {
        return plan.changes_nothing() || !confirm ||
               confirm(summarize(plan, application.deployment()));
    };

    status.phase("Comparing with what is deployed");
    auto now = look(world, store, application, graph);
    if (now.is_current()) {
        const auto unchanged = static_cast<int>(now.plan.steps.size());
        return DeployResult{.outputs = *now.settled.outputs, .changes = {.unchanged = unchanged}};
    }
    if (!agreed(now.plan))
        return {};

    const Lock lock(world, lock_options(options, "deploy"));
    // Whoever deployed meanwhile left another state.
    StateStore latest(world);
    const auto state = latest.load();
    if (latest.etag() != store.etag()) {
        now = look(world, latest, application, graph);
        if (!agreed(now.plan))
            return {};
    }
    tell_what_is_kept(world, now.plan);
    status.phase("Deploying " + manifest.project + " (" + manifest.stage + ")");
    Journal journal(latest, now.state);
    const auto changes = carry_out(world, now.plan, journal, lock, options);
    auto outputs = outputs_of(application, journal.state());
    journal.finish(outputs);
    return DeployResult{.outputs = std::move(outputs), .changes = changes};
}

std::optional<Outputs> outputs(const Target& target, const DeploymentId& deployment)
{
    SerialStatus status(nullptr);
    World world(target, deployment, status);
    const auto state = StateStore(world).load();
    return state ? state->outputs : std::nullopt;
}

std::vector<DeploymentId> list_deployments(const Target& target)
{
    return deployments_with(target, "state.json");
}

std::vector<ResourceStatus> resource_status(const Target& target, const DeploymentId& deployment)
{
    SerialStatus status(nullptr);
    World world(target, deployment, status);
    const auto state = StateStore(world).load();
    if (!state)
        return {};
    std::map<std::string, std::string> problems;
    const auto observations =
        observe(world, recorded_nodes(*state), *state, reads_at_a_time, problems);
    std::vector<ResourceStatus> result;
    for (const auto& [key, record] : state->records) {
        const auto& observed = observations.at(key);
        ResourceStatus entry{.resource = key, .state = observed ? observed->condition : "missing"};
        if (const auto problem = problems.find(key); problem != problems.end())
            entry.state = "unknown: " + problem->second;
        if (record.status == Record::Status::kept)
            entry.state += ", kept for its data";
        else if (record.status != Record::Status::ready)
            entry.state += ", interrupted while " + std::string(to_text(record.status));
        for (const auto* name :
             {"arn", "apiId", "objectKey", "routeId", "stageName", "schema", "statementId"})
            if (entry.id.empty())
                entry.id = string_or_empty(record.outputs, name);
        result.push_back(std::move(entry));
    }
    return result;
}

std::optional<LockInfo> read_lock(const Target& target, const DeploymentId& deployment)
{
    SerialStatus status(nullptr);
    World world(target, deployment, status);
    Bucket bucket(world);
    const auto lock = read_lock_object(bucket, deployment);
    return lock ? std::optional(lock->info) : std::nullopt;
}

void remove_lock(const Target& target, const DeploymentId& deployment, const LockInfo& expected)
{
    SerialStatus status(nullptr);
    World world(target, deployment, status);
    Bucket bucket(world);
    const auto lock = read_lock_object(bucket, deployment);
    if (!lock)
        return;
    const bool is_same = lock->info.holder == expected.holder &&
                         lock->info.operation == expected.operation &&
                         lock->info.since == expected.since;
    if (!is_same || !bucket.remove(object_key(deployment, "lock.json"), lock->etag))
        throw Error("The lock is another one by now: it is held by " + lock->info.holder,
                    "Look at it again with 'nimbus unlock'.");
}

} // namespace nimbus::deploy
