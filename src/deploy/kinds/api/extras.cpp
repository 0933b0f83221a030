#include "deploy/kinds/api/extras.h"

#include "deploy/kinds/api/gateway_reads.h"
#include "deploy/kinds/api/integration.h"
#include "deploy/kinds/api/route.h"
#include "deploy/kinds/api/stage.h"

#include <map>
#include <set>
#include <utility>

namespace nimbus::deploy::api {
namespace {

namespace gateway = aws::apigatewayv2;

/// Keys of our integrations, by what leads to one in an API.
using Targets = std::map<std::pair<std::string, std::string>, std::string>;

Targets targets_of(const Present& present)
{
    Targets targets;
    for (const auto& one : present.of<IntegrationResource>())
        if (one.parent)
            targets[{one.parent->api_id, integration_target(one.outputs.integration_id)}] =
                key_of<IntegrationResource>(one.name);
    return targets;
}

/// Ids of ours. Those of integrations that were a route's own are among them.
std::set<std::string> own_ids(const Present& present)
{
    std::set<std::string> ids;
    for (const auto& route : present.of<RouteResource>()) {
        ids.insert(route.outputs.route_id);
        ids.insert(route.outputs.integration_id);
    }
    for (const auto& integration : present.of<IntegrationResource>())
        ids.insert(integration.outputs.integration_id);
    return ids;
}

} // namespace

std::vector<Extra> extras(World&, Reads& reads, const Present& present)
{
    std::vector<Extra> extras;
    const auto own = own_ids(present);
    std::set<std::pair<std::string, std::string>> own_stages;
    for (const auto& stage : present.of<Stage>())
        if (stage.parent)
            own_stages.emplace(stage.parent->api_id, stage.outputs.stage_name);
    const auto targets = targets_of(present);
    auto& found = reads.of<GatewayReads>();
    for (const auto& api : present.of<HttpApi>()) {
        const auto key = key_of<HttpApi>(api.name);
        const auto api_id = api.outputs.api_id;
        if (api_id.empty()) // a deploy was killed before it made it
            continue;
        const auto add = [&](const std::string& what, const auto& deletion) -> Extra& {
            return extras.emplace_back(
                Extra{.resource = key,
                      .what = what,
                      .remove = [deletion](World& world) { world.find(deletion); },
                      .is_lost_with_it = true});
        };
        if (const auto& settings = found.api(api_id); settings && settings->has_cors)
            add("the CORS configuration", gateway::DeleteCorsConfiguration{.api_id = api_id})
                .is_lost_with_it = false;
        // Routes before the integrations that they lead to.
        for (const auto& route : found.routes(api_id)) {
            if (own.contains(route.route_id))
                continue;
            auto& extra = add("the route " + route.route_key,
                              gateway::DeleteRoute{.api_id = api_id, .route_id = route.route_id});
            if (const auto used = targets.find({api_id, route.target}); used != targets.end())
                extra.blocks.push_back(used->second);
        }
        for (const auto& one : found.integrations(api_id))
            if (!own.contains(one.integration_id))
                add("the integration " + one.integration_id + " of " + one.integration_uri,
                    gateway::DeleteIntegration{.api_id = api_id,
                                               .integration_id = one.integration_id});
        for (const auto& stage : found.stages(api_id))
            if (!own_stages.contains({api_id, stage.stage_name}))
                add("the stage " + stage.stage_name,
                    gateway::DeleteStage{.api_id = api_id, .stage_name = stage.stage_name});
    }
    return extras;
}

} // namespace nimbus::deploy::api
