#include "cli/dotenv_variables.h"

#include "cli/secret_import.h"
#include "deploy/kinds/secret/declaration.h"
#include "manifest/grammar.h"

#include <map>

namespace nimbus::cli {
namespace {

/// Why no function can have the variable; nothing if it can.
std::string reason_against(const DotenvEntry& entry)
{
    if (manifest::is_reserved_variable(entry.name))
        return "Lambda or Nimbus sets it";
    if (!manifest::variable_name_rule.holds(entry.name))
        return "the name of a variable is " + std::string(manifest::variable_name_rule.allowed);
    if (entry.value.find('\0') != entry.value.npos)
        return "its value has a NUL byte";
    return {};
}

} // namespace

std::vector<std::string> add_variables(manifest::Manifest& manifest,
                                       const std::vector<DotenvEntry>& entries)
{
    std::vector<std::string> without_effect;
    std::map<std::string, std::string> variables; // the last one of a name counts, as in a shell
    for (const auto& entry : entries) {
        if (deploy::secret::find(manifest, secret_name_of(entry.name)) != nullptr)
            continue;
        if (const auto reason = reason_against(entry); reason.empty())
            variables[entry.name] = entry.value;
        else
            without_effect.push_back(".env:" + std::to_string(entry.line) + ": " + entry.name +
                                     " has no effect: " + reason + ".");
    }
    for (auto& function : manifest.functions)
        function.environment.insert(variables.begin(), variables.end());
    return without_effect;
}

} // namespace nimbus::cli
