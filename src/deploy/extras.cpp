#include "deploy/extras.h"

#include "deploy/kind.h"
#include "deploy/task_graph.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace nimbus::deploy {

Present::Present(const State& state, const Plan* plan)
{
    for (const auto& [key, record] : state.records) {
        auto& thing = things_[record.type][record.name];
        thing.parent = record.parent;
        thing.recorded = &record.outputs;
    }
    if (plan == nullptr)
        return;
    for (const auto& step : plan->steps)
        if (step.is_declared)
            take(step.node, step.observed);
}

Present::Present(const State& state, const std::vector<Node>& nodes, const Observations& found)
    : Present(state)
{
    const std::optional<Observed> nothing;
    for (const auto& node : nodes) {
        const auto observed = found.find(node.key());
        take(node, observed == found.end() ? nothing : observed->second);
    }
}

void Present::take(const Node& node, const std::optional<Observed>& observed)
{
    if (!observed) {
        things_[node.type].erase(node.name);
        return;
    }
    auto& thing = things_[node.type][node.name];
    thing.parent = node.parent;
    thing.identity = &node.identity;
    thing.observed = &observed->outputs;
}

const Present::Thing* Present::find(std::string_view key) const
{
    const auto [type, name] = type_and_name(key);
    const auto things = things_.find(type);
    if (things == things_.end())
        return nullptr;
    const auto thing = things->second.find(name);
    return thing == things->second.end() ? nullptr : &thing->second;
}

std::vector<Extra> find_extras(World& world, Reads& reads, const Present& present)
{
    std::vector<const Kind*> asked;
    for (const auto& kind : world.kinds())
        if (kind.extras != nullptr)
            asked.push_back(&kind);
    std::vector<std::vector<Extra>> found(asked.size());
    run_in_parallel(asked.size(), static_cast<int>(asked.size()),
                    [&](std::size_t i) { found[i] = asked[i]->extras(world, reads, present); });
    std::vector<Extra> all;
    for (auto& extras : found)
        std::ranges::move(extras, std::back_inserter(all));
    return all;
}

std::map<std::string, std::string> held_by(const std::vector<Extra>& extras)
{
    std::map<std::string, std::string> held;
    for (const auto& extra : extras)
        if (extra.is_lost_with_it) {
            auto& things = held[extra.resource];
            things += (things.empty() ? "" : ", ") + extra.what;
        }
    return held;
}

std::vector<std::string> blocked_removals(const Plan& plan, const std::vector<Extra>& extras)
{
    std::set<std::string> leaving;
    for (const auto& step : plan.steps)
        if (step.action == Action::remove)
            leaving.insert(step.key());
    std::vector<std::string> sentences;
    for (const auto& extra : extras)
        for (const auto& key : extra.blocks)
            if (leaving.contains(key))
                sentences.push_back(
                    "The " + key + " is no longer declared, but cannot be deleted: " + extra.what +
                    ", which somebody added to the " + extra.resource + ", uses it");
    return sentences;
}

} // namespace nimbus::deploy
