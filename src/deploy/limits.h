#pragma once

#include "deploy/application.h"
#include "deploy/typed_resource.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
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

/// A resource as it will be deployed.
template <TypedResource Type>
struct ExpectedOf {
    std::string name;
    std::string parent; ///< key
    typename Type::Outputs identity;
    typename Type::Inputs inputs;

    std::string key() const { return key_of(Type::name, name); }
};

/// All that the application wants, with texts of the right lengths in the place of outputs that are
/// not known yet. Refers to the graph.
class ExpectedGraph {
public:
    ExpectedGraph(const Application& application, const std::vector<Node>& nodes);

    template <TypedResource Type>
    std::vector<ExpectedOf<Type>> of() const
    {
        std::vector<ExpectedOf<Type>> all;
        for (const auto& node : nodes_) {
            if (node.type != Type::name)
                continue;
            json::monotonic_resource memory;
            all.push_back({.name = node.name,
                           .parent = node.parent,
                           .identity = typed::outputs_from<Type>(node.identity),
                           .inputs = typed::inputs_from<Type>(resolved(node, &memory))});
        }
        return all;
    }

    /// How many parts of `Type` each thing has, by the thing's key.
    template <TypedResource Type>
    std::map<std::string, std::size_t> count_parts() const
    {
        std::map<std::string, std::size_t> counts;
        for (const auto& node : nodes_)
            if (node.type == Type::name)
                ++counts[node.parent];
        return counts;
    }

private:
    json::object resolved(const Node& node, const json::storage_ptr& storage) const;
    const json::value* output(std::string_view key, std::string_view name) const;

    const std::vector<Node>& nodes_;
    /// Of those that will have more than their identity, by key.
    std::map<std::string, json::object, std::less<>> outputs_;
    std::map<std::string_view, std::unordered_map<std::string_view, const json::object*>>
        identities_; ///< by type and name
};

/// Asks all kinds. Throws UsageError, which names everything that AWS would refuse and how to get
/// around it; returns a sentence for each limit that AWS would have to raise.
std::vector<std::string> check_limits(const Application& application,
                                      const std::vector<Node>& graph);

} // namespace nimbus::deploy
