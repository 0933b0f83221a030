#include "deploy/kinds/api/limits.h"

#include "deploy/kinds/api/integration.h"
#include "deploy/kinds/api/route.h"

namespace nimbus::deploy::api {
namespace {

// API Gateway Developer Guide, "Quotas for configuring and running an HTTP API in API Gateway". The
// number of integrations is fixed, the number of routes is raised on request.
constexpr std::size_t most_integrations = 300;
constexpr std::size_t most_routes = 300;

} // namespace

std::vector<Excess> limits(const Application&, const ExpectedGraph& graph)
{
    std::vector<Excess> found;
    for (const auto& [key, count] : graph.count_parts<IntegrationResource>())
        if (count > most_integrations)
            found.push_back(
                {.resource = key,
                 .amount = count,
                 .what = "integrations, one for each function that its routes call",
                 .allowed = most_integrations,
                 .way_out =
                     "Let routes share functions (\"function\" of a route or of the API), or "
                     "divide the routes between several APIs."});
    for (const auto& [key, count] : graph.count_parts<RouteResource>())
        if (count > most_routes)
            found.push_back({.resource = key,
                             .amount = count,
                             .what = "routes",
                             .allowed = most_routes,
                             .way_out =
                                 "Ask AWS for more in the console's Service Quotas (\"Routes "
                                 "per HTTP API\"), or divide the routes between several "
                                 "APIs.",
                             .is_raised = true});
    return found;
}

} // namespace nimbus::deploy::api
