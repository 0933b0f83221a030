#include "deploy/limits.h"

#include "base/text.h"
#include "deploy/kind.h"

#include <fmt/core.h>

#include <set>

namespace nimbus::deploy {
namespace {

std::string text_of(const Excess& excess)
{
    return fmt::format("{} has {} {}, but AWS allows {}", excess.resource, excess.amount,
                       excess.what, excess.allowed);
}

/// Each once: several resources may have the same one.
std::string ways_out(const std::vector<Excess>& excesses)
{
    std::set<std::string> seen;
    std::vector<std::string> ways;
    for (const auto& excess : excesses)
        if (seen.insert(excess.way_out).second)
            ways.push_back(excess.way_out);
    return join(ways, "\n");
}

[[noreturn]] void refuse(const std::vector<Excess>& excesses)
{
    std::vector<std::string> texts;
    texts.reserve(excesses.size());
    for (const auto& excess : excesses)
        texts.push_back(text_of(excess));
    throw UsageError(join(texts, "\n"), "Nothing was changed. " + ways_out(excesses));
}

} // namespace

ExpectedGraph::ExpectedGraph(const Application& application, const std::vector<Node>& nodes)
    : nodes_(nodes)
{
    for (const auto& node : nodes) {
        const auto& type = application.kinds.type(node.type);
        if (type.expected != nullptr)
            outputs_.emplace(node.key(), type.expected(application.target, node.identity));
        else
            identities_[node.type].emplace(node.name, &node.identity);
    }
}

json::object ExpectedGraph::resolved(const Node& node, const json::storage_ptr& storage) const
{
    return resolve(node.inputs, [this](auto key, auto name) { return output(key, name); }, storage);
}

const json::value* ExpectedGraph::output(std::string_view key, std::string_view name) const
{
    if (const auto made = outputs_.find(key); made != outputs_.end())
        return made->second.if_contains(name);
    const auto [type, resource] = type_and_name(key);
    const auto of_type = identities_.find(type);
    if (of_type == identities_.end())
        return nullptr;
    const auto identity = of_type->second.find(resource);
    return identity == of_type->second.end() ? nullptr : identity->second->if_contains(name);
}

std::vector<std::string> check_limits(const Application& application,
                                      const std::vector<Node>& graph)
{
    const ExpectedGraph expected(application, graph);
    std::vector<std::string> warnings;
    std::vector<Excess> refused;
    for (const auto& kind : application.kinds) {
        if (kind.limits == nullptr)
            continue;
        for (auto& excess : kind.limits(application, expected)) {
            if (excess.is_raised)
                warnings.push_back(text_of(excess) + ". " + excess.way_out);
            else
                refused.push_back(std::move(excess));
        }
    }
    if (!refused.empty())
        refuse(refused);
    return warnings;
}

} // namespace nimbus::deploy
