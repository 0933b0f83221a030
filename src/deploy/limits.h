#pragma once

#include "deploy/application.h"
#include "deploy/typed_resource.h"

#include <cstddef>
#include <string>
#include <vector>

/// Limits of AWS that show before anything is changed. The home of each kind knows those of its
/// things.
namespace nimbus::deploy {

/// More of something than AWS allows.
struct Excess {
    std::string resource; ///< key of what has it
    std::size_t amount = 0;
    std::string what; ///< what there is so much of: "integrations", "bytes of resource policy"
    std::size_t allowed = 0;
    std::string way_out;    ///< a sentence
    bool is_raised = false; ///< on request, by AWS: a person is told, and the deploy goes on
};

/// The resources of `Type` in the graph.
template <TypedResource Type>
std::vector<NodeOf<Type>> nodes_of(const std::vector<Node>& graph)
{
    std::vector<NodeOf<Type>> nodes;
    for (const auto& node : graph)
        if (node.type == Type::name)
            nodes.push_back({.name = node.name,
                             .identity = typed::outputs_from<Type>(node.identity),
                             .inputs = typed::inputs_from<Type>(node.inputs),
                             .depends_on = node.depends_on,
                             .works_with = node.works_with,
                             .parent = node.parent,
                             .notes = node.notes});
    return nodes;
}

/// Asks all kinds. Throws UsageError, which names everything that AWS would refuse and how to get
/// around it; returns a sentence for each limit that AWS would have to raise.
std::vector<std::string> check_limits(const Application& application,
                                      const std::vector<Node>& graph);

} // namespace nimbus::deploy
