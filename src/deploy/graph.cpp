#include "deploy/graph.h"

#include "base/error.h"
#include "deploy/kind.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace nimbus::deploy {

namespace {

/// A node with what it waits for, which takes its time to put together.
struct Waiting {
    Node node;
    std::vector<std::string> needs;
};

} // namespace

std::vector<Node> desired_graph(const Application& application)
{
    std::vector<Waiting> waiting;
    for (const auto& kind : application.kinds)
        if (kind.declare != nullptr)
            for (auto& node : kind.declare(application)) {
                auto needs = node.needs();
                waiting.push_back({.node = std::move(node), .needs = std::move(needs)});
            }

    std::vector<Node> ordered;
    std::unordered_set<std::string> placed;
    while (!waiting.empty()) {
        const auto ready = std::ranges::stable_partition(waiting, [&](const Waiting& one) {
            return !std::ranges::all_of(
                one.needs, [&](const std::string& key) { return placed.contains(key); });
        });
        if (ready.empty())
            throw Error("The resource " + waiting.front().node.key() +
                        " depends on something that is not declared");
        for (auto& one : ready) {
            if (!placed.insert(one.node.key()).second)
                throw Error("The resource " + one.node.key() + " is declared twice");
            ordered.push_back(std::move(one.node));
        }
        waiting.erase(ready.begin(), ready.end());
    }
    return ordered;
}

} // namespace nimbus::deploy
