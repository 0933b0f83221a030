#include "cli/outputs.h"

#include "base/text.h"
#include "deploy/kinds/catalog.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace nimbus::cli {

json::object to_json(const deploy::Outputs& outputs, const std::string& target)
{
    json::object document{{"project", outputs.deployment.project},
                          {"stage", outputs.deployment.stage},
                          {"region", outputs.deployment.region},
                          {"target", target}};
    for (const auto& kind : deploy::all_kinds()) {
        json::array list;
        for (const auto& item : outputs.items)
            if (item.kind == kind.name)
                list.push_back(item.members);
        if (kind.is_always_listed || !list.empty())
            document[kind.list] = std::move(list);
    }
    return document;
}

json::object to_json(const deploy::Changes& changes)
{
    return {{"created", changes.created},
            {"updated", changes.updated},
            {"deleted", changes.deleted},
            {"unchanged", changes.unchanged}};
}

std::string describe(const deploy::Outputs& outputs, const std::string& target)
{
    std::string text;
    text += fmt::format("{} (stage {}) on {}, {}\n", outputs.deployment.project,
                        outputs.deployment.stage, target, outputs.deployment.region);
    std::string_view above;
    for (const auto& item : outputs.items) {
        const auto* kind = deploy::all_kinds().find(item.kind);
        if (kind == nullptr || kind->describe == nullptr)
            continue;
        const auto lines = kind->describe(item);
        const bool is_block = std::ranges::count(lines, '\n') > 1;
        text += (is_block || above != item.kind ? "\n" : "") + lines;
        above = item.kind;
    }
    return text;
}

std::string describe(const deploy::Changes& changes)
{
    const std::array counts{
        std::pair{changes.created, "created"}, std::pair{changes.updated, "updated"},
        std::pair{changes.deleted, "deleted"}, std::pair{changes.unchanged, "unchanged"}};
    std::vector<std::string> parts;
    for (const auto& [count, word] : counts)
        if (count > 0)
            parts.push_back(fmt::format("{} {}", count, word));
    return parts.empty() ? "nothing" : join(parts, ", ");
}

void print_json(const json::object& document)
{
    std::cout << pretty_json(document);
}

} // namespace nimbus::cli
