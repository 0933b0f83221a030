#include "manifest/check.h"

#include "base/json.h"
#include "manifest/grammar.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace nimbus::manifest {
namespace {

bool contains(const std::vector<std::string_view>& names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

template <class Items>
std::vector<std::string_view> names_of(const Items& items)
{
    std::vector<std::string_view> names;
    for (const auto& item : items)
        names.push_back(item.name);
    return names;
}

/// All that functions may use, and the lists that it is declared in.
struct Usables {
    std::vector<Usable> all;
    std::string lists; ///< "sql or secrets"
    /// A list could not be read: whether a name is missing cannot be told.
    bool is_incomplete = false;
};

Usables usables_of(const Manifest& manifest, Sections sections, const Problems& problems)
{
    Usables usables;
    for (const auto& section : sections) {
        if (section.usable == nullptr)
            continue;
        usables.lists += (usables.lists.empty() ? "" : " or ") + std::string(section.name);
        usables.is_incomplete |= problems.has(section.name);
        for (auto& usable : section.usable(manifest)) {
            usables.is_incomplete |= usable.name.empty();
            usables.all.push_back(std::move(usable));
        }
    }
    return usables;
}

void check_uses(const Usables& usables, const Function& function, const std::string& path,
                Problems& problems)
{
    const auto names = names_of(usables.all);
    if (usables.is_incomplete)
        return;
    for (std::size_t i = 0; i < function.uses.size(); ++i) {
        const auto& name = function.uses[i];
        const auto use_path = indexed(path + ".uses", i);
        const auto before = function.uses.begin() + static_cast<std::ptrdiff_t>(i);
        if (name.empty())
            continue;
        if (!contains(names, name))
            problems.add(use_path, "must name one of " + usables.lists + ": there is no " +
                                       in_quotes(name) + suggestion(name, names));
        else if (std::find(function.uses.begin(), before, name) != before)
            problems.add(use_path, "must not be " + in_quotes(name) + " again");
    }
}

void check_environment(const Usables& usables, const Function& function, const std::string& path,
                       Problems& problems)
{
    std::map<std::string, std::string> variables;
    for (const auto& usable : usables.all)
        if (std::ranges::find(function.uses, usable.name) != function.uses.end())
            variables.insert(usable.environment.begin(), usable.environment.end());
    for (const auto& [name, value] : function.environment) {
        const auto variable_path = member_path(path + ".environment", name);
        if (is_reserved_variable(name))
            problems.add(variable_path, "is reserved: Lambda sets it, or Nimbus itself; choose "
                                        "another name than " +
                                            name);
        else if (!variable_name_rule.holds(name))
            problems.add(variable_path,
                         "must have a name that is " + std::string(variable_name_rule.allowed));
        else if (variables.contains(name))
            problems.add(variable_path,
                         "is set already for what the function uses; choose another name");
        if (value.find('\0') != std::string::npos)
            problems.add(variable_path, "must not hold a NUL character");
    }
    variables.insert(function.environment.begin(), function.environment.end());
    if (const auto size = environment_bytes(variables); size > most_environment_bytes)
        problems.add(path + ".environment",
                     "takes " + std::to_string(size) +
                         " bytes as JSON, with the variables of what the function uses; Lambda "
                         "allows " +
                         std::to_string(most_environment_bytes) +
                         " (4 KB): shorten it, or read what is long from somewhere else");
}

} // namespace

std::size_t environment_bytes(const std::map<std::string, std::string>& variables)
{
    json::object measured;
    for (const auto& [name, value] : variables)
        measured[name] = value;
    return json::serialize(measured).size();
}

FunctionNames::FunctionNames(const Manifest& manifest, const Problems& problems)
    : names_(names_of(manifest.functions)), sorted_(names_.begin(), names_.end()),
      is_complete_(!problems.has("functions") && !sorted_.contains(""))
{
}

void FunctionNames::require(const std::string& name, const std::string& path,
                            Problems& problems) const
{
    if (is_complete_ && !name.empty() && !sorted_.contains(name))
        problems.add(path, "must name one of functions: there is no " + in_quotes(name) +
                               suggestion(name, names_));
}

void check_relations(const Manifest& manifest, Sections sections, Problems& problems)
{
    check_unique_names(manifest.functions, "functions", problems);
    for (const auto& section : sections)
        if (section.check != nullptr)
            section.check(manifest, problems);
    const auto usables = usables_of(manifest, sections, problems);
    for (std::size_t i = 0; i < manifest.functions.size(); ++i) {
        check_uses(usables, manifest.functions[i], indexed("functions", i), problems);
        check_environment(usables, manifest.functions[i], indexed("functions", i), problems);
    }
}

} // namespace nimbus::manifest
