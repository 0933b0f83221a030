#include "cli/dotenv_variables.h"

#include "cli/secret_import.h"
#include "deploy/kinds/secret/declaration.h"
#include "manifest/grammar.h"

#include <map>

namespace nimbus::cli {
namespace {

/// The last one of a name counts, as in a shell.
std::map<std::string, std::string> variables_of(const manifest::Manifest& manifest,
                                                const std::vector<DotenvEntry>& entries)
{
    std::map<std::string, std::string> variables;
    for (const auto& entry : entries) {
        const bool is_secret =
            deploy::secret::find(manifest, secret_name_of(entry.name)) != nullptr;
        if (!is_secret && manifest::variable_name_rule.holds(entry.name) &&
            !manifest::is_reserved_variable(entry.name) &&
            entry.value.find('\0') == entry.value.npos)
            variables[entry.name] = entry.value;
    }
    return variables;
}

} // namespace

void add_variables(manifest::Manifest& manifest, const std::vector<DotenvEntry>& entries)
{
    const auto variables = variables_of(manifest, entries);
    for (auto& function : manifest.functions)
        function.environment.insert(variables.begin(), variables.end());
}

} // namespace nimbus::cli
