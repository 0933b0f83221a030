#include "deploy/known_resources.h"

#include <tuple>
#include <utility>

namespace nimbus::deploy {
namespace {

/// All that a plan makes of a declaration.
auto parts_of(const Node& node)
{
    return std::tie(node.type, node.name, node.identity, node.inputs, node.depends_on,
                    node.works_with, node.parent, node.notes, node.creation_note, node.update_note);
}

} // namespace

Observations KnownResources::take(const std::vector<Node>& graph, const std::string& state_etag)
{
    auto resources = std::exchange(resources_, {});
    Observations known;
    if (state_etag != state_etag_)
        return known;
    for (const auto& node : graph)
        if (const auto found = resources.find(node.key());
            found != resources.end() && parts_of(found->second.node) == parts_of(node))
            known.emplace(found->first, std::move(found->second.observed));
    return known;
}

void KnownResources::remember(Plan plan, const std::string& state_etag)
{
    resources_.clear();
    state_etag_ = state_etag;
    for (auto& step : plan.steps)
        if (step.is_declared && step.action == Action::keep) {
            const auto key = step.key();
            resources_.emplace(key, Resource{std::move(step.node), std::move(step.observed)});
        }
}

} // namespace nimbus::deploy
