#include "deploy/graph.h"

#include "base/error.h"
#include "deploy/kind.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>
#include <unordered_map>

namespace nimbus::deploy {
namespace {

using Index = std::unordered_map<std::string, std::size_t>; ///< places of nodes, by key

Index index_of(const std::vector<Node>& nodes)
{
    Index index;
    index.reserve(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (const auto [entry, is_new] = index.emplace(nodes[i].key(), i); !is_new)
            throw Error("The resource " + entry->first + " is declared twice");
    return index;
}

[[noreturn]] void throw_undeclared(const Node& node)
{
    throw Error("The resource " + node.key() + " depends on something that is not declared");
}

/// For each node, which ones it needs.
std::vector<std::vector<std::size_t>> needs_of(const std::vector<Node>& nodes)
{
    const auto index = index_of(nodes);
    std::vector<std::vector<std::size_t>> needs(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const auto* keys : {&nodes[i].depends_on, &nodes[i].works_with})
            for (const auto& key : *keys) {
                const auto needed = index.find(key);
                if (needed == index.end())
                    throw_undeclared(nodes[i]);
                needs[i].push_back(needed->second);
            }
    return needs;
}

} // namespace

std::vector<Node> desired_graph(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& kind : application.kinds)
        if (kind.declare != nullptr)
            std::ranges::move(kind.declare(application), std::back_inserter(nodes));

    const auto needs = needs_of(nodes);
    std::vector<Node> ordered;
    ordered.reserve(nodes.size());
    std::vector<bool> is_placed(nodes.size());
    std::vector<std::size_t> waiting(nodes.size());
    std::iota(waiting.begin(), waiting.end(), 0);
    while (!waiting.empty()) {
        const auto ready = std::ranges::stable_partition(waiting, [&](std::size_t i) {
            return !std::ranges::all_of(needs[i], [&](std::size_t one) { return is_placed[one]; });
        });
        if (ready.empty()) // what waits for itself
            throw_undeclared(nodes[waiting.front()]);
        for (const auto i : ready) {
            is_placed[i] = true;
            ordered.push_back(std::move(nodes[i]));
        }
        waiting.erase(ready.begin(), ready.end());
    }
    return ordered;
}

} // namespace nimbus::deploy
