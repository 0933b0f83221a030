#include "deploy/plan.h"

#include "base/assert.h"
#include "deploy/kind.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

bool is_new_life(Action action)
{
    return action == Action::create || action == Action::replace;
}

/// What a person may want to know of the step.
std::vector<std::string> notes_of(const Step& step)
{
    auto notes = step.node.notes;
    if (is_new_life(step.action) && !step.node.creation_note.empty())
        notes.insert(notes.begin(), step.node.creation_note);
    if (step.action == Action::update && !step.node.update_note.empty())
        notes.insert(notes.begin(), step.node.update_note);
    return notes;
}

class Planner {
public:
    Planner(const Kinds& kinds, const State& state) : kinds_(kinds), state_(state) {}

    void want(const Node& node, const std::optional<Observed>& observed)
    {
        Step step{.type = &kinds_.type(node.type), .node = node, .observed = observed};
        // What was read of a part of something that is made anew is about to disappear.
        if (const auto* parent = step_of(node.parent); parent && is_new_life(parent->action))
            step.observed.reset();
        // What appears where nothing was is not ours for having had that name before.
        step.is_recorded = step.observed && is_ours(node.key());
        decide(step);
        NIMBUS_ASSERT(!index_.contains(node.key()), "a graph has each resource once");
        index_[node.key()] = plan_.steps.size();
        const bool exists = step.observed.has_value();
        plan_.steps.push_back(std::move(step));
        auto& after = plan_.after.emplace_back();
        for (const auto& dependency : exists ? node.needs() : node.depends_on)
            if (const auto found = index_.find(dependency); found != index_.end())
                after.push_back(found->second);
    }

    void remove(const std::set<std::string>& doomed, const std::vector<std::string>& reasons)
    {
        if (doomed.empty())
            return;
        std::map<std::string, std::vector<std::string>> parts;
        for (const auto& key : doomed)
            if (const auto whole = doomed_whole(key, doomed); whole != key)
                parts[whole].push_back(key);
        const auto first = plan_.steps.size();
        for (const auto& key : doomed) {
            const auto& record = *state_.find(key);
            if (doomed.contains(record.parent))
                continue;
            Step step{.action = Action::remove,
                      .type = &kinds_.type(record.type),
                      .is_declared = false,
                      .node = {.type = record.type, .name = record.name, .parent = record.parent},
                      .reasons = reasons,
                      .is_recorded = record.is_ours,
                      .takes_along = parts[key]};
            if (!step.type->recovery.empty())
                step.node.notes.emplace_back(step.type->recovery);
            index_[key] = plan_.steps.size();
            plan_.steps.push_back(std::move(step));
            plan_.after.emplace_back();
        }
        // Nothing goes before all that used it has let go of it.
        for (const auto& [key, record] : state_.records)
            for (const auto& dependency : record.depends_on)
                order_removal(key, dependency, first);
        // A part goes with what it is a part of: that, too, goes before what the part used.
        for (const auto& [parent, keys] : parts)
            for (const auto& key : keys)
                for (const auto& dependency : state_.find(key)->depends_on)
                    order_removal(parent, dependency, first);
    }

    void keep(const Record& record)
    {
        const auto& type = kinds_.type(record.type);
        Step step{.action = Action::keep,
                  .type = &type,
                  .is_declared = false,
                  .node = {.type = record.type, .name = record.name, .parent = record.parent},
                  .reasons = {type.holds_data() ? "no longer declared; its data is kept"
                                                : "no longer declared; kept until destroy"},
                  .is_recorded = record.is_ours};
        plan_.steps.push_back(std::move(step));
        plan_.after.emplace_back();
    }

    Plan finish() { return std::move(plan_); }

private:
    /// The outermost thing among those `doomed` that `key` is, or is a part of.
    std::string doomed_whole(std::string key, const std::set<std::string>& doomed) const
    {
        for (;;) {
            const auto& parent = state_.find(key)->parent;
            if (!doomed.contains(parent))
                return key;
            key = parent;
        }
    }

    bool is_ours(const std::string& key) const
    {
        const auto* record = state_.find(key);
        return record != nullptr && record->is_ours;
    }

    const Step* step_of(const std::string& key) const
    {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &plan_.steps[found->second];
    }

    /// Outputs of resources that stay; those of resources that are made are not known yet.
    const json::value* output(std::string_view key, std::string_view name) const
    {
        const auto* step = step_of(std::string(key));
        if (step == nullptr || !step->observed || is_new_life(step->action))
            return nullptr;
        return step->observed->outputs.if_contains(name);
    }

    void decide(Step& step)
    {
        if (!step.observed) {
            step.action = Action::create;
            const auto* record = state_.find(step.key());
            if (record == nullptr)
                step.reasons.emplace_back(is_new);
            else if (record->status == Record::Status::creating)
                step.reasons.emplace_back("an earlier deploy did not finish it");
            else
                step.reasons.emplace_back("no longer exists");
            return;
        }
        if (!step.observed->broken.empty()) {
            step.action = Action::replace;
            step.reasons.push_back(step.observed->broken);
            return;
        }
        const auto wanted =
            resolve(step.node.inputs, [this](auto key, auto name) { return output(key, name); });
        step.reasons = step.type->differences(wanted, *step.observed);
        step.action = step.reasons.empty() ? Action::keep : Action::update;
    }

    /// `user` depended on `used` in the state.
    void order_removal(const std::string& user, const std::string& used, std::size_t first_removal)
    {
        const auto user_step = index_.find(user);
        const auto used_step = index_.find(used);
        if (user_step == index_.end() || used_step == index_.end() ||
            used_step->second < first_removal || user_step->second == used_step->second ||
            waits_for(user_step->second, used_step->second))
            return;
        plan_.after[used_step->second].push_back(user_step->second);
    }

    /// Does `step` wait for `other`, directly or for one that does? Parts of two things may each
    /// use the other thing; one of the two has to go first.
    bool waits_for(std::size_t step, std::size_t other) const
    {
        std::vector<std::size_t> open{step};
        std::set<std::size_t> seen;
        while (!open.empty()) {
            const auto current = open.back();
            open.pop_back();
            if (current == other)
                return true;
            if (seen.insert(current).second)
                open.insert(open.end(), plan_.after[current].begin(), plan_.after[current].end());
        }
        return false;
    }

    const Kinds& kinds_;
    const State& state_;
    Plan plan_;
    std::map<std::string, std::size_t> index_;
};

} // namespace

bool Plan::changes_nothing() const
{
    return count_changes() == 0;
}

int Plan::count_changes() const
{
    return static_cast<int>(
        std::ranges::count_if(steps, [](const Step& step) { return step.action != Action::keep; }));
}

bool Step::loses_data() const
{
    return (action == Action::remove || action == Action::replace) && type->holds_data() &&
           !is_gone;
}

Plan make_plan(const Kinds& kinds, const std::vector<Node>& graph, const State& state,
               const Observations& observations)
{
    Planner planner(kinds, state);
    std::set<std::string> gone;
    for (const auto& [key, record] : state.records)
        gone.insert(key);
    for (const auto& node : graph) {
        const auto found = observations.find(node.key());
        planner.want(node, found == observations.end() ? std::nullopt : found->second);
        gone.erase(node.key());
    }
    std::erase_if(gone, [&](const std::string& key) {
        const auto& record = *state.find(key);
        if (!kinds.type(record.type).is_kept())
            return false;
        planner.keep(record);
        return true;
    });
    planner.remove(gone, {"no longer declared"});
    return planner.finish();
}

Plan make_removal_plan(const Kinds& kinds, const State& state, const std::set<std::string>& doomed)
{
    Planner planner(kinds, state);
    planner.remove(doomed, {});
    return planner.finish();
}

PlanSummary summarize(const Plan& plan, const DeploymentId& deployment)
{
    PlanSummary summary{.deployment = deployment};
    for (const auto& step : plan.steps) {
        summary.steps.push_back({.resource = step.key(),
                                 .type = step.node.type,
                                 .name = step.node.name,
                                 .action = step.action,
                                 .reasons = step.reasons,
                                 .notes = notes_of(step),
                                 .loses_data = step.loses_data()});
        for (const auto& key : step.takes_along) {
            const auto space = key.find(' ');
            summary.steps.push_back({.resource = key,
                                     .type = key.substr(0, space),
                                     .name = key.substr(space + 1),
                                     .action = step.action,
                                     .reasons = {"goes with " + step.key()}});
        }
    }
    return summary;
}

} // namespace nimbus::deploy
