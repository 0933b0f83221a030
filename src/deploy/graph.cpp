#include "deploy/graph.h"

#include "base/error.h"
#include "deploy/kind.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace nimbus::deploy {

std::vector<Node> desired_graph(const Application& application)
{
    std::vector<Node> waiting;
    for (const auto& kind : application.kinds)
        if (kind.declare != nullptr)
            std::ranges::move(kind.declare(application), std::back_inserter(waiting));

    std::vector<Node> ordered;
    std::set<std::string> placed;
    while (!waiting.empty()) {
        const auto ready = std::ranges::stable_partition(waiting, [&](const Node& node) {
            return !std::ranges::all_of(
                node.needs(), [&](const std::string& key) { return placed.contains(key); });
        });
        if (ready.empty())
            throw Error("The resource " + waiting.front().key() +
                        " depends on something that is not declared");
        for (auto& node : ready) {
            if (!placed.insert(node.key()).second)
                throw Error("The resource " + node.key() + " is declared twice");
            ordered.push_back(std::move(node));
        }
        waiting.erase(ready.begin(), ready.end());
    }
    return ordered;
}

} // namespace nimbus::deploy
