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

/// Deletes the integration that a version before 0.2 made for this route alone, once no route leads
/// to it.
void delete_own_integration(World& world, const RouteResource::Subject& subject)
{
    const auto& known = subject.outputs;
    if (known.integration_id.empty() || !known.target.empty())
        return;
    const auto& api_id = subject.parent->api_id;
    Reads reads(world);
    const auto target = integration_target(known.integration_id);
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

Callers::Callers(const Api& api) : api_(api)
{
    for (const auto& route : api.routes)
        ++routes_[route.function];
}

std::string Callers::name(const Route& route) const
{
    return routes_.at(route.function) == 1 ? route_name(api_, route) : api_.name;
}

std::vector<Node> route_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.declared.of<Api>()) {
        const auto parent = key_of<HttpApi>(api.name);
        const Callers callers(api);
        for (const auto& route : api.routes) {
            const auto integration = integration_name(api, route.function);
            NodeOf<RouteResource> node{
                .name = route_name(api, route),
                .identity = {.route_key = route_key(route),
                             .route_id = {},
                             .target = {},
                             .integration_id = {}},
                .inputs = {.api_id = output_of<HttpApi>(api.name, &HttpApiOutputs::api_id),
                           .route_key = route_key(route),
                           .target = integration_target(output_of<IntegrationResource>(
                               integration, &IntegrationOutputs::integration_id))},
                .depends_on = {parent, key_of<IntegrationResource>(integration),
                               key_of<function::Function>(route.function)},
                .works_with = {function::permission_key(route.function, callers.name(route))},
                .parent = parent};
            nodes.push_back(std::move(node).node());
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
    const auto* route = reads.of<GatewayReads>().find_route(api_id, subject.outputs.route_key);
    if (route == nullptr)
        return {};
    return Observed{
        .inputs = {.api_id = api_id, .route_key = route->route_key, .target = route->target},
        .outputs = {.route_key = route->route_key,
                    .route_id = route->route_id,
                    .target = {},
                    .integration_id = {}},
        .settings = {.authorization_type = route->authorization_type,
                     .api_key_required = route->api_key_required}};
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
    const Settings wanted;
    const auto& present = observed.settings;
    world.call(gateway::UpdateRoute{
        .api_id = inputs.api_id,
        .route_id = observed.outputs.route_id,
        .target = inputs.target,
        .authorization_type = if_altered(present.authorization_type, wanted.authorization_type),
        .api_key_required = if_altered(present.api_key_required, wanted.api_key_required)});
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
        if (const auto* route =
                reads.of<GatewayReads>().find_route(api_id, subject.outputs.route_key))
            route_id = route->route_id;
    if (!route_id.empty())
        world.find(gateway::DeleteRoute{.api_id = api_id, .route_id = route_id});
    delete_own_integration(world, subject);
}

} // namespace nimbus::deploy::api
