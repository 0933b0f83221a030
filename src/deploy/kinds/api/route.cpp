#include "deploy/kinds/api/route.h"

#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "deploy/application.h"
#include "deploy/kinds/api/gateway_calls.h"
#include "deploy/kinds/api/gateway_reads.h"
#include "deploy/kinds/function/function.h"
#include "deploy/kinds/function/names.h"

namespace nimbus::deploy::api {
namespace {

namespace gateway = aws::apigatewayv2;

constexpr std::string_view target_prefix = "integrations/";
constexpr std::string_view payload_format = "1.0";

/// What there is of a route: either may be missing.
struct Parts {
    const gateway::Route* route = nullptr;
    const gateway::Integration* integration = nullptr;
    /// Other integrations that say they are for this route.
    std::vector<const gateway::Integration*> spare;
};

Parts find_parts(Reads& reads, const std::string& api_id, const std::string& key)
{
    Parts parts;
    for (const auto& route : reads.of<GatewayReads>().routes(api_id))
        if (route.route_key == key)
            parts.route = &route;
    for (const auto& integration : reads.of<GatewayReads>().integrations(api_id)) {
        const bool is_target =
            parts.route != nullptr &&
            parts.route->target == std::string(target_prefix) + integration.integration_id;
        if (is_target)
            parts.integration = &integration;
        else if (integration.description == key)
            parts.spare.push_back(&integration);
    }
    return parts;
}

/// The integration, made or adapted.
std::string need_integration(World& world, const gateway::Integration* present,
                             const RouteInputs& inputs)
{
    const auto& api_id = inputs.api_id;
    const auto& function = inputs.function;
    const auto& format = inputs.payload_format;
    if (present == nullptr)
        return change_api(world, gateway::CreateIntegration{.api_id = api_id,
                                                            .integration_uri = function,
                                                            .payload_format_version = format,
                                                            .description = inputs.route_key})
            .integration_id;
    if (present->integration_uri != function || present->payload_format_version != format)
        change_api(world, gateway::UpdateIntegration{.api_id = api_id,
                                                     .integration_id = present->integration_id,
                                                     .integration_uri = function,
                                                     .payload_format_version = format});
    return present->integration_id;
}

std::string need_route(World& world, const gateway::Route* present, const std::string& api_id,
                       const std::string& key, const std::string& target)
{
    if (present == nullptr)
        return change_api(
                   world,
                   gateway::CreateRoute{.api_id = api_id, .route_key = key, .target = target})
            .route_id;
    if (present->target != target)
        change_api(world, gateway::UpdateRoute{
                              .api_id = api_id, .route_id = present->route_id, .target = target});
    return present->route_id;
}

RouteOutputs establish(World& world, const RouteInputs& inputs)
{
    const auto& api_id = inputs.api_id;
    const auto& key = inputs.route_key;
    Reads reads(world);
    auto parts = find_parts(reads, api_id, key);
    if (parts.integration == nullptr && !parts.spare.empty()) {
        parts.integration = parts.spare.back();
        parts.spare.pop_back();
    }
    const auto integration_id = need_integration(world, parts.integration, inputs);
    const auto target = std::string(target_prefix) + integration_id;
    const auto route_id = need_route(world, parts.route, api_id, key, target);
    for (const auto* spare : parts.spare)
        delete_from_api(world, gateway::DeleteIntegration{.api_id = api_id,
                                                          .integration_id = spare->integration_id});
    return {.route_key = {}, .route_id = route_id, .integration_id = integration_id};
}

} // namespace

std::string route_name(const Api& api, const Route& route)
{
    return api.name + ' ' + route_key(route);
}

std::vector<Node> route_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.declared.of<Api>()) {
        const auto parent = key_of<HttpApi>(api.name);
        for (const auto& route : api.routes) {
            const auto& called = function::named(application.manifest, route.function);
            const NodeOf<RouteResource> node{
                .name = route_name(api, route),
                .identity = {.route_key = route_key(route), .route_id = {}, .integration_id = {}},
                .inputs = {.api_id = output_of<HttpApi>(api.name, &HttpApiOutputs::api_id),
                           .route_key = route_key(route),
                           .function = function::function_arn(application, called),
                           .payload_format = std::string(payload_format)},
                .depends_on = {parent, key_of<function::Function>(called.name)},
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
    const auto& key = subject.outputs.route_key;
    const auto parts = find_parts(reads, api_id, key);
    if (parts.route == nullptr)
        return {};
    Observed observed{.inputs = {.api_id = api_id, .route_key = key},
                      .outputs = {.route_id = parts.route->route_id}};
    if (const auto* integration = parts.integration) {
        observed.inputs.function = integration->integration_uri;
        observed.inputs.payload_format = integration->payload_format_version;
        observed.outputs.integration_id = integration->integration_id;
    }
    return observed;
}

RouteOutputs RouteResource::create(World& world, const Subject&, const Inputs& inputs)
{
    return establish(world, inputs);
}

RouteOutputs RouteResource::update(World& world, const Subject&, const Inputs& inputs,
                                   const Observed&)
{
    return establish(world, inputs);
}

void RouteResource::destroy(World& world, const Subject& subject)
{
    if (!subject.parent)
        return;
    const auto& api_id = subject.parent->api_id;
    Reads reads(world);
    auto parts = find_parts(reads, api_id, subject.outputs.route_key);
    if (parts.route != nullptr)
        delete_from_api(world,
                        gateway::DeleteRoute{.api_id = api_id, .route_id = parts.route->route_id});
    if (parts.integration != nullptr)
        parts.spare.push_back(parts.integration);
    for (const auto* integration : parts.spare)
        delete_from_api(world,
                        gateway::DeleteIntegration{.api_id = api_id,
                                                   .integration_id = integration->integration_id});
}

} // namespace nimbus::deploy::api
