#include "deploy/extras.h"

#include "deploy/kind.h"

#include <algorithm>
#include <iterator>

namespace nimbus::deploy {

Present::Present(const std::vector<Node>& nodes, const Observations& found, const State& state)
    : things_(state.records)
{
    for (const auto& node : nodes) {
        const auto key = node.key();
        const auto observed = found.find(key);
        if (observed == found.end() || !observed->second) {
            things_.erase(key);
            continue;
        }
        auto& thing = things_[key];
        thing.type = node.type;
        thing.name = node.name;
        thing.parent = node.parent;
        thing.outputs =
            merged(merged(std::move(thing.outputs), node.identity), observed->second->outputs);
    }
}

std::vector<Extra> find_extras(World& world, Reads& reads, const Present& present)
{
    std::vector<Extra> all;
    for (const auto& kind : world.kinds())
        if (kind.extras != nullptr)
            std::ranges::move(kind.extras(world, reads, present), std::back_inserter(all));
    return all;
}

} // namespace nimbus::deploy
