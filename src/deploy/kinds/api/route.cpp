#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "deploy/resources/catalog.h"
#include "deploy/resources/gateway_calls.h"
#include "manifest/names.h"

/// A route of an HTTP API with the integration that is its own. An integration has nothing unique
/// but an id that AWS gives: its description says which route it is for, so that one whose route
/// was never made is found again.
namespace nimbus::deploy {
namespace {

namespace gateway = aws::apigatewayv2;

constexpr std::string_view target_prefix = "integrations/";

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.apis) {
        for (const auto& route : api.routes) {
            const auto& function = function_named(application.manifest, route.function);
            const auto lambda_name = manifest::lambda_function_name(application.manifest, function);
            nodes.push_back({.type = "route",
                             .name = api.name + ' ' + route_key(route),
                             .identity = {{"routeKey", route_key(route)}},
                             .inputs = {{"apiId", output_of(api_key(api), "apiId")},
                                        {"routeKey", route_key(route)},
                                        {"function", arn_of(application.target, "lambda",
                                                            "function:" + lambda_name)},
                                        {"payloadFormat", "1.0"}},
                             .depends_on = {api_key(api), function_key(function)},
                             .parent = api_key(api)});
        }
    }
    return nodes;
}

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
    for (const auto& route : reads.routes(api_id))
        if (route.route_key == key)
            parts.route = &route;
    for (const auto& integration : reads.integrations(api_id)) {
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

std::optional<Observed> read(World&, Reads& reads, const Subject& subject)
{
    const auto api_id = subject.parent_output("apiId");
    const auto key = subject.output("routeKey");
    if (api_id.empty())
        return {};
    const auto parts = find_parts(reads, api_id, key);
    if (parts.route == nullptr)
        return {};
    Observed observed{.inputs = {{"apiId", api_id}, {"routeKey", key}},
                      .outputs = {{"routeId", parts.route->route_id}}};
    const auto* integration = parts.integration;
    observed.inputs["function"] = integration == nullptr ? "" : integration->integration_uri;
    observed.inputs["payloadFormat"] =
        integration == nullptr ? "" : integration->payload_format_version;
    if (integration != nullptr)
        observed.outputs["integrationId"] = integration->integration_id;
    return observed;
}

/// The integration, made or adapted.
std::string need_integration(World& world, const gateway::Integration* present,
                             const json::object& inputs)
{
    const auto api_id = string_or_empty(inputs, "apiId");
    const auto function = string_or_empty(inputs, "function");
    const auto format = string_or_empty(inputs, "payloadFormat");
    if (present == nullptr)
        return change_api(world, gateway::CreateIntegration{.api_id = api_id,
                                                            .integration_uri = function,
                                                            .payload_format_version = format,
                                                            .description = string_or_empty(
                                                                inputs, "routeKey")})
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
    if (present != nullptr) {
        if (present->target != target)
            change_api(world, gateway::UpdateRoute{.api_id = api_id,
                                                   .route_id = present->route_id,
                                                   .target = target});
        return present->route_id;
    }
    try {
        return change_api(
                   world,
                   gateway::CreateRoute{.api_id = api_id, .route_key = key, .target = target})
            .route_id;
    } catch (const aws::ApiError& error) {
        // A call whose answer was lost is sent again, and meets itself.
        Reads reads(world);
        const auto* route = error.is_conflict() ? find_parts(reads, api_id, key).route : nullptr;
        if (route == nullptr)
            throw;
        return need_route(world, route, api_id, key, target);
    }
}

json::object establish(World& world, const json::object& inputs)
{
    const auto api_id = string_or_empty(inputs, "apiId");
    const auto key = string_or_empty(inputs, "routeKey");
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
    return {{"routeId", route_id}, {"integrationId", integration_id}};
}

json::object create(World& world, const Subject&, const json::object& inputs)
{
    return establish(world, inputs);
}

json::object update(World& world, const Subject&, const json::object& inputs, const Observed&)
{
    return establish(world, inputs);
}

void destroy(World& world, const Subject& subject)
{
    const auto api_id = subject.parent_output("apiId");
    if (api_id.empty())
        return;
    Reads reads(world);
    auto parts = find_parts(reads, api_id, subject.output("routeKey"));
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

} // namespace

ResourceType route_type()
{
    return {.name = "route",
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
