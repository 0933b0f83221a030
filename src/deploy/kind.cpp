#include "deploy/kind.h"

#include "base/error.h"

#include <algorithm>

namespace nimbus::deploy {

Kinds::Kinds(std::vector<Kind> kinds) : kinds_(std::move(kinds))
{
    for (const auto& kind : kinds_)
        if (kind.section)
            sections_.push_back(*kind.section);
}

const Kind* Kinds::find(std::string_view name) const
{
    const auto found = std::ranges::find(kinds_, name, &Kind::name);
    return found == kinds_.end() ? nullptr : &*found;
}

const ResourceType& Kinds::type(std::string_view name) const
{
    for (const auto& kind : kinds_)
        for (const auto& type : kind.types)
            if (type.name == name)
                return type;
    throw Error("The state holds a resource of the unknown type '" + std::string(name) + "'",
                "A newer Nimbus wrote it: use that version.");
}

} // namespace nimbus::deploy
