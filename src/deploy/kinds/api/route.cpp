#include "deploy/kinds/api/route.h"

#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "deploy/application.h"
#include "deploy/kinds/api/gateway_reads.h"
#include "deploy/kinds/api/integration.h"
#include "deploy/kinds/function/function.h"
#include "deploy/kinds/function/permission.h"

#include <algorithm>

namespace nimbus::deploy::api {
namespace {

namespace gateway = aws::apigatewayv2;

constexpr std::string_view target_prefix = "integrations/";

const gateway::Route* find_route(Reads& reads, const std::string& api_id, const std::string& key)
{
    const auto& routes = reads.of<GatewayReads>().routes(api_id);
    const auto found = std::ranges::find(routes, key, &gateway::Route::route_key);
    return found == routes.end() ? nullptr : &*found;
}

/// Deletes the integration that a version before 0.2 made for this route alone, once no route leads
/// to it.
void delete_own_integration(World& world, const RouteResource::Subject& subject)
{
    const auto& known = subject.outputs;
    if (known.integration_id.empty() || !known.target.empty())
        return;
    const auto& api_id = subject.parent->api_id;
    Reads reads(world);
    const auto target = std::string(target_prefix) + known.integration_id;
    const auto& routes = reads.of<GatewayReads>().routes(api_id);
    if (std::ranges::find(routes, target, &gateway::Route::target) == routes.end())
        world.find(
            gateway::DeleteIntegration{.api_id = api_id, .integration_id = known.integration_id});
}

} // namespace

std::string route_name(const Api& api, const Route& route)
{
    return api.name + ' ' + route_key(route);
}

std::string caller_name(const Api& api, const Route& route)
{
    const auto routes = std::ranges::count(api.routes, route.function, &Route::function);
    return routes == 1 ? route_name(api, route) : api.name;
}

std::vector<Node> route_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.declared.of<Api>()) {
        const auto parent = key_of<HttpApi>(api.name);
        for (const auto& route : api.routes) {
            const auto integration = integration_name(api, route.function);
            const NodeOf<RouteResource> node{
                .name = route_name(api, route),
                .identity = {.route_key = route_key(route),
                             .route_id = {},
                             .target = {},
                             .integration_id = {}},
                .inputs = {.api_id = output_of<HttpApi>(api.name, &HttpApiOutputs::api_id),
                           .route_key = route_key(route),
                           .target = std::string(target_prefix) +
                                     output_of<IntegrationResource>(
                                         integration, &IntegrationOutputs::integration_id)},
                .depends_on = {parent, key_of<IntegrationResource>(integration),
                               key_of<function::Function>(route.function)},
                .works_with = {function::permission_key(route.function, caller_name(api, route))},
                .parent = parent};
            nodes.push_back(node.node());
        }
    }
    return nodes;
}

std::optional<RouteResource::Observed> RouteResource::read(World&, Reads& reads,
                                                           const Subject& subject)
{
    if (!subject.parent)
        return {};
    const auto& api_id = subject.parent->api_id;
    const auto* route = find_route(reads, api_id, subject.outputs.route_key);
    if (route == nullptr)
        return {};
    return Observed{
        .inputs = {.api_id = api_id, .route_key = route->route_key, .target = route->target},
        .outputs = {.route_key = route->route_key,
                    .route_id = route->route_id,
                    .target = {},
                    .integration_id = {}}};
}

RouteOutputs RouteResource::create(World& world, const Subject& subject, const Inputs& inputs)
{
    const auto made = world.call(gateway::CreateRoute{
        .api_id = inputs.api_id, .route_key = inputs.route_key, .target = inputs.target});
    return {.route_key = subject.outputs.route_key,
            .route_id = made.route_id,
            .target = inputs.target,
            .integration_id = {}};
}

RouteOutputs RouteResource::update(World& world, const Subject& subject, const Inputs& inputs,
                                   const Observed& observed)
{
    world.call(gateway::UpdateRoute{
        .api_id = inputs.api_id, .route_id = observed.outputs.route_id, .target = inputs.target});
    delete_own_integration(world, subject);
    auto outputs = observed.outputs;
    outputs.target = inputs.target;
    return outputs;
}

void RouteResource::destroy(World& world, const Subject& subject)
{
    if (!subject.parent)
        return;
    const auto& api_id = subject.parent->api_id;
    Reads reads(world);
    auto route_id = subject.outputs.route_id;
    if (route_id.empty())
        if (const auto* route = find_route(reads, api_id, subject.outputs.route_key))
            route_id = route->route_id;
    if (!route_id.empty())
        world.find(gateway::DeleteRoute{.api_id = api_id, .route_id = route_id});
    delete_own_integration(world, subject);
}

} // namespace nimbus::deploy::api
