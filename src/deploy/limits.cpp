#include "deploy/limits.h"

#include "base/text.h"
#include "deploy/kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace nimbus::deploy {
namespace {

/// The graph with texts of the right lengths where placeholders are.
std::vector<Node> as_deployed(const Application& application, std::vector<Node> graph)
{
    std::map<std::string, json::object, std::less<>> outputs;
    for (const auto& node : graph) {
        const auto& type = application.kinds.type(node.type);
        outputs.emplace(node.key(), type.expected == nullptr
                                        ? node.identity
                                        : type.expected(application.target, node.identity));
    }
    const OutputLookup lookup = [&](std::string_view key, std::string_view output) {
        const auto found = outputs.find(key);
        return found == outputs.end() ? nullptr : found->second.if_contains(output);
    };
    const auto is_open = [](const auto& input) { return is_unresolved(input.value()); };
    for (auto& node : graph)
        if (std::ranges::any_of(node.inputs, is_open))
            node.inputs = resolve(node.inputs, lookup);
    return graph;
}

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

std::vector<std::string> check_limits(const Application& application,
                                      const std::vector<Node>& graph)
{
    const auto nodes = as_deployed(application, graph);
    std::vector<std::string> warnings;
    std::vector<Excess> refused;
    for (const auto& kind : application.kinds) {
        if (kind.limits == nullptr)
            continue;
        for (auto& excess : kind.limits(application, nodes)) {
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
