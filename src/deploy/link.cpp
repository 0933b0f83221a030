#include "deploy/link.h"

#include "base/error.h"
#include "deploy/kind.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

void add(Link& all, const Link& link)
{
    all.environment.insert(link.environment.begin(), link.environment.end());
    all.statements.insert(all.statements.end(), link.statements.begin(), link.statements.end());
    for (const auto& key : link.depends_on)
        if (std::ranges::find(all.depends_on, key) == all.depends_on.end())
            all.depends_on.push_back(key);
    all.grants.insert(all.grants.end(), link.grants.begin(), link.grants.end());
}

} // namespace

Link links_of(const Application& application, const std::vector<std::string>& uses,
              const std::string& role)
{
    Link all;
    for (const auto& name : uses) {
        bool is_found = false;
        for (const auto& kind : application.kinds) {
            if (kind.link == nullptr)
                continue;
            if (const auto link = kind.link(application, name, role)) {
                add(all, *link);
                is_found = true;
            }
        }
        if (!is_found)
            throw Error("The manifest has nothing called '" + name + "' that a function can use");
    }
    return all;
}

std::vector<std::string> usable_names(const Application& application)
{
    std::vector<std::string> names;
    for (const auto& section : application.kinds.sections())
        if (section.usable != nullptr)
            for (const auto& usable : section.usable(application.manifest))
                names.push_back(usable.name);
    return names;
}

} // namespace nimbus::deploy
