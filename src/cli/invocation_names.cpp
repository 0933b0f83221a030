#include "cli/invocation_names.h"

#include "deploy/kinds/api/kind.h"
#include "deploy/kinds/api/output.h"

#include <set>

namespace nimbus::cli {

std::map<std::string, std::string> invocation_names(const deploy::Outputs& outputs)
{
    std::map<std::string, std::string> names;
    std::set<std::string> shared;
    for (const auto& api : outputs.of<deploy::api::ApiOutput>(deploy::api::kind_name))
        for (const auto& route : api.routes)
            if (!names.emplace(route.function, route.method + ' ' + route.path).second)
                shared.insert(route.function);
    for (const auto& function : shared)
        names.erase(function);
    return names;
}

std::optional<std::string> function_of_route(const deploy::Outputs& outputs,
                                             const std::string& route)
{
    for (const auto& api : outputs.of<deploy::api::ApiOutput>(deploy::api::kind_name))
        for (const auto& each : api.routes)
            if (each.method + ' ' + each.path == route)
                return each.function;
    return {};
}

} // namespace nimbus::cli
