#include "deploy/deploy.h"

#include "base/text.h"
#include "deploy/engine.h"
#include "deploy/extras.h"
#include "deploy/graph.h"
#include "deploy/kind.h"
#include "deploy/known_resources.h"
#include "deploy/limits.h"
#include "deploy/observe.h"

#include <algorithm>
#include <iterator>
#include <memory>

namespace nimbus::deploy {
namespace {

/// How things stand, and what is to be done.
struct Look {
    std::unique_ptr<Reads> reads; ///< what it was seen from
    Plan plan;
    std::vector<Extra> extras;       ///< what somebody added, as far as it matters
    std::vector<std::string> strays; ///< see PlanSummary
};

State new_state(const World& world)
{
    return {.deployment = world.deployment(), .account_id = world.target().account_id};
}

/// What a person would be asked about may be gone already: then nothing is lost.
void find_what_is_gone(World& world, Reads& reads, const State& state, Plan& plan)
{
    std::vector<Node> leaving;
    for (const auto& step : plan.steps)
        if (!step.is_declared && step.loses_data())
            leaving.push_back(step.node);
    std::map<std::string, std::string> unknown;
    const auto found = observe(world, reads, leaving, state, reads_at_a_time, unknown);
    for (auto& step : plan.steps)
        if (const auto seen = found.find(step.key());
            seen != found.end() && !unknown.contains(step.key()))
            step.is_gone = !seen->second || seen->second->is_deleted;
}

Look look(World& world, std::vector<Node> graph, const State& state, Observations known = {})
{
    auto reads = std::make_unique<Reads>(world);
    auto found = observe(world, *reads, graph, state, reads_at_a_time, std::move(known));
    auto plan = make_plan(world.kinds(), std::move(graph), state, std::move(found));
    find_what_is_gone(world, *reads, state, plan);
    return {.reads = std::move(reads), .plan = std::move(plan), .extras = {}, .strays = {}};
}

void look_for_extras(World& world, Look& now, const State& state)
{
    now.extras = find_extras(world, *now.reads, Present(state, &now.plan));
}

void keep_held(World& world, Look& now, const State& state)
{
    const auto held = held_by(now.extras);
    if (held.empty())
        return;
    deploy::keep_held(now.plan, world.kinds(), state, held);
    find_what_is_gone(world, *now.reads, state, now.plan);
}

bool removes_something(const Plan& plan)
{
    return std::ranges::any_of(plan.steps,
                               [](const Step& step) { return step.action == Action::remove; });
}

/// Nothing of somebody's goes with what leaves. Throws Error where AWS would not delete that.
void heed_extras(World& world, Look& now, const State& state)
{
    if (!removes_something(now.plan))
        return;
    look_for_extras(world, now, state);
    keep_held(world, now, state);
    if (const auto blocked = blocked_removals(now.plan, now.extras); !blocked.empty())
        throw Error(
            join(blocked, "\n"),
            "'nimbus deploy --prune' deletes what somebody added, too. Or change it by hand "
            "so that it does without. Nothing was changed.");
    now.extras.clear();
}

/// All that goes when a person says --prune.
void find_prunable(World& world, Look& now, const State& state)
{
    look_for_extras(world, now, state);
    std::erase_if(now.extras, [](const Extra& extra) { return extra.remove == nullptr; });
}

/// For people who plan: as it is without --prune.
std::vector<std::string> warn_of_extras(World& world, Look& now, const State& state)
{
    look_for_extras(world, now, state);
    keep_held(world, now, state);
    auto warnings = blocked_removals(now.plan, now.extras);
    for (auto& warning : warnings)
        warning +=
            ". 'nimbus deploy' changes nothing until it is gone; with --prune it deletes it.";
    return warnings;
}

/// It has this deployment's tags. What holds data may be there before the first deploy, and after
/// the last one.
bool shows_a_deployment(const World& world, const Step& step)
{
    const auto* present = step.present();
    if (present == nullptr || step.type->holds_data())
        return false;
    const auto* tags = object_member(present->inputs, "tags");
    return tags != nullptr && string_or_empty(*tags, project_tag) == world.deployment().project &&
           string_or_empty(*tags, stage_tag) == world.deployment().stage;
}

/// See PlanSummary::strays.
std::vector<std::string> strays_of(const World& world, const Plan& plan, bool has_state)
{
    std::vector<std::string> strays;
    if (!has_state)
        for (const auto& step : plan.steps)
            if (shows_a_deployment(world, step))
                strays.push_back(step.key());
    return strays;
}

/// The state when nothing is to be done.
State settled(const Application& application, const State& state, const Plan& plan)
{
    auto result = with_intents(state, plan);
    result.outputs = outputs_of(application, result);
    return result;
}

std::vector<PlannedExtra> planned(const std::vector<Extra>& extras)
{
    std::vector<PlannedExtra> all;
    for (const auto& extra : extras)
        all.push_back({.resource = extra.resource,
                       .what = extra.what,
                       .is_prunable = extra.remove != nullptr});
    return all;
}

PlanSummary summarize(const Plan& plan, const std::vector<Extra>& extras, const DeploymentId& id)
{
    auto summary = deploy::summarize(plan, id);
    summary.extras = planned(extras);
    return summary;
}

/// Those that stand in the way of the plan go before it is carried out; the others may be used by
/// what it changes first.
enum class Moment { before, after };

/// One after the other: there are few, and each kind has them in the order in which they can go.
void prune(World& world, const std::vector<Extra>& extras, Moment moment, Changes& changes)
{
    for (const auto& extra : extras) {
        if ((moment == Moment::before) == extra.blocks.empty())
            continue;
        world.status().note("Deleting " + extra.what + " of " + extra.resource);
        extra.remove(world);
        changes.count(Action::remove);
    }
}

void check(const Target& target, const manifest::Manifest& manifest)
{
    if (manifest.region != target.region)
        throw UsageError("The program is for Region " + manifest.region +
                         ", but the target is Region " + target.region);
}

/// Throws UsageError where one of them is a preview and the other is not: its data are elsewhere.
void check_preview(const State& state, const manifest::Manifest& manifest)
{
    if (state.records.empty() || state.is_preview == manifest.is_preview)
        return;
    const auto name = manifest.project + " (" + manifest.stage + ")";
    if (state.is_preview)
        throw UsageError(name + " was deployed as a preview",
                         "Add --preview, or choose another stage with --stage.");
    throw UsageError(name + " was not deployed as a preview",
                     "Leave --preview out, or choose another stage with --stage.");
}

std::string why_it_is_kept(const Step& step)
{
    if (!step.held_for.empty())
        return ", but would take along what somebody added: " + step.held_for +
               ". 'nimbus deploy --prune' deletes both.";
    if (step.type->holds_data())
        return ", but it holds data. 'nimbus destroy --force' deletes it with the application.";
    return ". 'nimbus destroy' deletes it with the application.";
}

void tell_what_is_kept(World& world, const Plan& plan)
{
    for (const auto& step : plan.steps)
        if (step.action == Action::keep && !step.is_declared)
            world.status().note("Keeping " + step.key() + ": it is no longer declared" +
                                why_it_is_kept(step));
}

/// Throws Error where AWS would refuse what is declared.
std::vector<std::string> warnings_of(World& world, const Application& application,
                                     const std::vector<Node>& graph)
{
    auto warnings = check_limits(application, graph);
    for (const auto& kind : application.kinds)
        if (kind.warnings != nullptr)
            std::ranges::move(kind.warnings(world, application), std::back_inserter(warnings));
    return warnings;
}

/// What is left for a person to do.
void tell_remarks(World& world, const Application& application, const State& state)
{
    for (const auto& kind : application.kinds)
        if (kind.remarks != nullptr)
            for (const auto& remark : kind.remarks(world, application, state))
                world.status().note(remark);
}

} // namespace

std::string describe_strays(const Target& target, const PlanSummary& plan)
{
    const auto& id = plan.deployment;
    const auto count = plan.strays.size();
    return "The bucket '" + target.bucket + "' has no state of " + id.project + " (stage " +
           id.stage + "), but " +
           (count == 1 ? "a resource of it exists: "
                       : std::to_string(count) + " resources of it exist, such as the ") +
           plan.strays.front() +
           ". It was deployed with another bucket, or its state is lost. If it was another bucket, "
           "choose that one: two states of one deployment do not know of each other.";
}

PlanSummary plan(const Kinds& kinds, const Target& target, const manifest::Manifest& manifest,
                 const Artifacts& artifacts)
{
    check(target, manifest);
    Status quiet;
    World world(kinds, target, deployment_of(manifest, target), quiet);
    const auto known = StateStore(world).load();
    const auto state = known.value_or(new_state(world));
    check_preview(state, manifest);
    const Application application{manifest, artifacts, target, kinds, &state};
    auto graph = desired_graph(application);
    auto warnings = warnings_of(world, application, graph);
    auto now = look(world, std::move(graph), state);
    std::ranges::move(warn_of_extras(world, now, state), std::back_inserter(warnings));
    auto summary = summarize(now.plan, now.extras, application.deployment());
    summary.strays = strays_of(world, now.plan, known.has_value());
    if (!summary.strays.empty())
        warnings.push_back(describe_strays(target, summary) +
                           " 'nimbus deploy' takes them over, after asking.");
    summary.warnings = std::move(warnings);
    return summary;
}

namespace {

using Confirm = std::function<bool(const PlanSummary&)>;

/// `remembered` may be null.
std::optional<DeployResult> run(const Kinds& kinds, const Target& target,
                                const manifest::Manifest& manifest, const Artifacts& artifacts,
                                const Options& options, const Confirm& confirm,
                                KnownResources* remembered)
{
    check(target, manifest);
    auto& status = *options.status;
    World world(kinds, target, deployment_of(manifest, target), status, options.interrupted);
    StateStore store(world);
    const auto loaded = store.load();
    const auto known = loaded.value_or(new_state(world));
    check_preview(known, manifest);
    const Application application{manifest, artifacts, target, kinds, &known};
    auto graph = desired_graph(application);
    const auto warnings = warnings_of(world, application, graph);
    const auto examine = [&](std::vector<Node> nodes, const State& state, bool has_state,
                             Observations read = {}) {
        auto now = look(world, std::move(nodes), state, std::move(read));
        now.strays = strays_of(world, now.plan, has_state);
        if (options.prune)
            find_prunable(world, now, state);
        else
            heed_extras(world, now, state);
        return now;
    };
    const auto agreed = [&](const Look& now) {
        auto summary = summarize(now.plan, now.extras, application.deployment());
        summary.strays = now.strays;
        return (now.plan.changes_nothing() && now.extras.empty() && now.strays.empty()) ||
               !confirm || confirm(summary);
    };

    status.phase("Comparing with what is deployed");
    auto taken = remembered == nullptr ? Observations() : remembered->take(graph, store.etag());
    auto now = examine(std::move(graph), known, loaded.has_value(), std::move(taken));
    const auto remember = [&](const StateStore& left) {
        if (remembered != nullptr)
            remembered->remember(std::move(now.plan), left.etag());
    };
    if (!agreed(now))
        return {};
    if (now.plan.changes_nothing() && now.extras.empty()) {
        // Else only the state has to be put right: a deploy was killed before its last write.
        if (const auto state = settled(application, known, now.plan); state == known) {
            const auto unchanged = static_cast<int>(now.plan.steps.size());
            remove_abandoned_lock(world);
            tell_remarks(world, application, state);
            remember(store);
            return DeployResult{.outputs = *state.outputs, .changes = {.unchanged = unchanged}};
        }
    }

    Lock lock(world, lock_options(options, "deploy"));
    // Whoever deployed meanwhile left another state, or was killed before that.
    StateStore latest(world);
    const auto reloaded = latest.load();
    auto state = reloaded.value_or(new_state(world));
    check_preview(state, manifest);
    state.is_preview = manifest.is_preview;
    if (lock.was_held() || latest.etag() != store.etag()) {
        now = examine(desired_graph(application), state, reloaded.has_value());
        if (!agreed(now))
            return {};
    }
    for (const auto& warning : warnings)
        status.note("Warning: " + warning);
    if (!now.strays.empty())
        status.note("Taking over what is there: the bucket '" + target.bucket +
                    "' has no state of it");
    tell_what_is_kept(world, now.plan);
    status.phase("Deploying " + manifest.project + " (" + manifest.stage + ")");
    Journal journal(latest, std::move(state));
    Changes pruned;
    prune(world, now.extras, Moment::before, pruned);
    auto changes = carry_out(world, now.plan, journal, lock, options);
    prune(world, now.extras, Moment::after, pruned);
    changes.deleted += pruned.deleted;
    auto outputs = outputs_of(application, journal.state());
    journal.finish(outputs);
    tell_remarks(world, application, journal.state());
    remember(latest);
    return DeployResult{.outputs = std::move(outputs), .changes = changes};
}

} // namespace

std::optional<DeployResult> deploy(const Kinds& kinds, const Target& target,
                                   const manifest::Manifest& manifest, const Artifacts& artifacts,
                                   const Options& options, const Confirm& confirm)
{
    return run(kinds, target, manifest, artifacts, options, confirm, nullptr);
}

std::optional<DeployResult> deploy(const Kinds& kinds, const Target& target,
                                   const manifest::Manifest& manifest, const Artifacts& artifacts,
                                   const Options& options, KnownResources& known,
                                   const Confirm& confirm)
{
    return run(kinds, target, manifest, artifacts, options, confirm, &known);
}

std::optional<Outputs> outputs(const Kinds& kinds, const Target& target,
                               const DeploymentId& deployment)
{
    Status quiet;
    World world(kinds, target, deployment, quiet);
    const auto state = StateStore(world).load();
    return state ? state->outputs : std::nullopt;
}

std::vector<DeploymentId> list_deployments(const Target& target)
{
    return deployments_with(target, "state.json");
}

namespace {

/// "active", "missing", "interrupted while creating", … without what its kept data add.
std::string condition_of(const Record& record, const std::optional<Observed>& observed)
{
    const bool is_interrupted =
        record.status != Record::Status::ready && record.status != Record::Status::kept;
    if (!observed && record.status == Record::Status::creating)
        return "not created yet";
    const std::string condition = observed ? observed->condition : "missing";
    return is_interrupted ? condition + ", interrupted while " + std::string(to_text(record.status))
                          : condition;
}

} // namespace

std::optional<DeploymentStatus> deployment_status(const Kinds& kinds, const Target& target,
                                                  const DeploymentId& deployment)
{
    Status quiet;
    World world(kinds, target, deployment, quiet);
    const auto state = StateStore(world).load();
    if (!state)
        return {};
    DeploymentStatus result{.outputs = state->outputs, .resources = {}, .extras = {}};
    std::map<std::string, std::string> problems;
    Reads reads(world);
    const auto nodes = recorded_nodes(*state);
    const auto observations = observe(world, reads, nodes, *state, reads_at_a_time, problems);
    for (const auto& [key, record] : state->records) {
        const auto& observed = observations.at(key);
        const auto& type = kinds.type(record.type);
        ResourceStatus entry{.resource = key,
                             .state = condition_of(record, observed),
                             .id = type.id(record.outputs)};
        if (const auto problem = problems.find(key); problem != problems.end())
            entry.state = "unknown: " + problem->second;
        if (observed && type.altered_settings != nullptr)
            entry.altered_settings = type.altered_settings(*observed);
        entry.is_kept = record.status == Record::Status::kept;
        if (entry.is_kept)
            entry.state += type.holds_data() ? ", kept for its data" : ", kept until destroy";
        result.resources.push_back(std::move(entry));
    }
    result.extras = planned(find_extras(world, reads, Present(*state, nodes, observations)));
    return result;
}

std::optional<Damage> damaged_state(const Kinds& kinds, const Target& target,
                                    const DeploymentId& deployment)
{
    Status quiet;
    World world(kinds, target, deployment, quiet);
    try {
        return StateStore(world).damage();
    } catch (const NewerState&) {
        return {};
    }
}

std::string set_state_aside(const Kinds& kinds, const Target& target,
                            const DeploymentId& deployment, const Damage& expected)
{
    Status quiet;
    World world(kinds, target, deployment, quiet);
    StateStore store(world);
    const auto damage = store.damage();
    if (!damage || damage->text != expected.text)
        throw Error("The state has changed meanwhile", "Run 'nimbus unlock' again to look at it.");
    return store.set_aside(damage->text);
}

} // namespace nimbus::deploy
