#include "deploy/plan.h"

#include "base/assert.h"
#include "deploy/kind.h"

#include <algorithm>
#include <map>

namespace nimbus::deploy {
namespace {

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

    /// Goes on from the declared steps of a plan.
    Planner(const Kinds& kinds, const State& state, Plan declared) : Planner(kinds, state)
    {
        plan_ = std::move(declared);
        for (std::size_t i = 0; i < plan_.steps.size(); ++i)
            index_.emplace(plan_.steps[i].key(), i);
    }

    /// There are so many steps, about.
    void expect(std::size_t steps)
    {
        plan_.steps.reserve(steps);
        plan_.after.reserve(steps);
        index_.reserve(steps);
    }

    void want(const std::string& key, Node node, std::optional<Observed> observed)
    {
        Step step{.type = &kinds_.type(node.type),
                  .node = std::move(node),
                  .observed = std::move(observed)};
        const auto* whole = step_of(step.node.parent);
        step.goes_with_whole = whole != nullptr && is_new_life(whole->action);
        const auto* record = state_.find(key);
        // What appears where nothing was is not ours for having had that name before.
        step.is_recorded = step.present() != nullptr && record != nullptr && record->is_ours;
        decide(step, record);
        const bool is_first = index_.emplace(key, plan_.steps.size()).second;
        NIMBUS_ASSERT(is_first, "a graph has each resource once");
        auto& after = plan_.after.emplace_back();
        add_places(step.node.depends_on, after);
        if (step.present() != nullptr)
            add_places(step.node.works_with, after);
        plan_.steps.push_back(std::move(step));
    }

    bool wants(const std::string& key) const { return index_.contains(key); }

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
        order_after_siblings(first);
    }

    /// All that is recorded and not wanted.
    void let_go(const std::map<std::string, std::string>& held)
    {
        std::set<std::string> gone;
        for (const auto& [key, record] : state_.records) {
            if (wants(key))
                continue;
            if (const auto found = held.find(key); found != held.end())
                hold(record, found->second);
            else if (kinds_.type(record.type).is_kept())
                keep(record);
            else
                gone.insert(key);
        }
        remove(gone, {"no longer declared"});
    }

    void hold(const Record& record, const std::string& things)
    {
        keep(record);
        auto& step = plan_.steps.back();
        step.held_for = things;
        step.reasons = {"no longer declared; kept, because somebody added " + things};
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

    void add_places(const std::vector<std::string>& keys, std::vector<std::size_t>& places) const
    {
        for (const auto& key : keys)
            if (const auto found = index_.find(key); found != index_.end())
                places.push_back(found->second);
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
        if (step == nullptr || step->present() == nullptr || is_new_life(step->action))
            return nullptr;
        return step->present()->outputs.if_contains(name);
    }

    /// `record`: what the state knows of it, or null.
    void decide(Step& step, const Record* record) const
    {
        const auto* present = step.present();
        if (present == nullptr) {
            step.action = Action::create;
            if (record == nullptr)
                step.reasons.emplace_back(is_new);
            else if (record->status == Record::Status::creating)
                step.reasons.emplace_back("an earlier deploy did not finish it");
            else
                step.reasons.emplace_back("no longer exists");
            return;
        }
        if (!present->broken.empty()) {
            step.action = Action::replace;
            step.reasons.push_back(present->broken);
            return;
        }
        json::monotonic_resource memory;
        const auto wanted = resolve(
            step.node.inputs, [this](auto key, auto name) { return output(key, name); }, &memory);
        step.reasons = step.type->differences(wanted, *present);
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

    /// Somebody may have made a part use another one that leaves now, such as a route another
    /// route's integration. That is put right before the other one goes.
    void order_after_siblings(std::size_t first_removal)
    {
        std::map<std::string_view, std::vector<std::size_t>> updates; ///< by parent
        for (std::size_t i = 0; i < first_removal; ++i)
            if (const auto& step = plan_.steps[i]; step.action == Action::update)
                updates[step.node.parent].push_back(i);
        for (auto i = first_removal; i < plan_.steps.size(); ++i) {
            const auto& parent = plan_.steps[i].node.parent;
            if (const auto found = updates.find(parent); !parent.empty() && found != updates.end())
                plan_.after[i].insert(plan_.after[i].end(), found->second.begin(),
                                      found->second.end());
        }
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
    std::unordered_map<std::string, std::size_t> index_; ///< of what is wanted and what goes
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

Plan make_plan(const Kinds& kinds, std::vector<Node> graph, const State& state,
               Observations observations)
{
    Planner planner(kinds, state);
    planner.expect(graph.size());
    for (auto& node : graph) {
        const auto key = node.key();
        const auto found = observations.find(key);
        planner.want(key, std::move(node),
                     found == observations.end() ? std::nullopt : std::move(found->second));
    }
    planner.let_go({});
    return planner.finish();
}

void keep_held(Plan& plan, const Kinds& kinds, const State& state,
               const std::map<std::string, std::string>& held)
{
    const auto leaving =
        std::ranges::find_if(plan.steps, [](const Step& step) { return !step.is_declared; });
    plan.after.resize(static_cast<std::size_t>(leaving - plan.steps.begin()));
    plan.steps.erase(leaving, plan.steps.end());
    Planner planner(kinds, state, std::move(plan));
    planner.let_go(held);
    plan = planner.finish();
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
            const auto [type, name] = type_and_name(key);
            summary.steps.push_back({.resource = key,
                                     .type = std::string(type),
                                     .name = std::string(name),
                                     .action = step.action,
                                     .reasons = {"goes with " + step.key()}});
        }
    }
    return summary;
}

} // namespace nimbus::deploy
