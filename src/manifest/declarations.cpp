#include "manifest/declarations.h"

#include <algorithm>

namespace nimbus::manifest {

Declarations::Declarations(const Declarations& other)
{
    for (const auto& [type, list] : other.lists_)
        lists_.emplace(type, list->copy());
}

Declarations& Declarations::operator=(const Declarations& other)
{
    Declarations copy(other);
    lists_.swap(copy.lists_);
    return *this;
}

bool Declarations::covers(const Declarations& left, const Declarations& right)
{
    return std::ranges::all_of(left.lists_, [&](const auto& entry) {
        const auto found = right.lists_.find(entry.first);
        return entry.second->equals(found == right.lists_.end() ? nullptr : found->second.get());
    });
}

bool Declarations::operator==(const Declarations& other) const
{
    return covers(*this, other) && covers(other, *this);
}

} // namespace nimbus::manifest
