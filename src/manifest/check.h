#pragma once

#include "base/text.h"
#include "manifest/manifest.h"
#include "manifest/problems.h"
#include "manifest/section.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::manifest {

/// What the single values cannot tell: names declared twice, references to nothing, environments
/// that do not fit; and what the sections check of their own. `manifest` has its defaults filled
/// in; empty names are those that were reported already.
void check_relations(const Manifest& manifest, Sections sections, Problems& problems);

/// Lambda's limit for all variables of a function together: Lambda Developer Guide, "Lambda
/// quotas", 4 KB.
inline constexpr std::size_t most_environment_bytes = 4'096;

/// The variables as Lambda measures them: as JSON text.
std::size_t environment_bytes(const std::map<std::string, std::string>& variables);

// --- for sections -------------------------------------------------------------------------------

/// Reports each name that an earlier item of the list `list` has.
template <class Items>
void check_unique_names(const Items& items, std::string_view list, Problems& problems)
{
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].name.empty())
            continue;
        const auto [earlier, is_new] = seen.emplace(items[i].name, i);
        if (!is_new)
            problems.add(indexed(list, i) + ".name",
                         "must not be " + in_quotes(items[i].name) +
                             " again: " + indexed(list, earlier->second) + " has that name");
    }
}

/// The names of all functions. Refers to the manifest.
class FunctionNames {
public:
    /// `problems`: those that are known when sections are checked.
    FunctionNames(const Manifest& manifest, const Problems& problems);
    /// Reports a `name` at `path` that is no function's.
    void require(const std::string& name, const std::string& path, Problems& problems) const;

private:
    std::vector<std::string_view> names_; ///< in the order of their declarations
    std::set<std::string_view> sorted_;
    bool is_complete_; ///< else it cannot be told whether a name is missing
};

} // namespace nimbus::manifest
