#include "deploy/kinds/api/gateway_reads.h"

namespace nimbus::deploy::api {

namespace gateway = aws::apigatewayv2;

const std::vector<gateway::Api>& GatewayReads::apis()
{
    return apis_.get({}, [&] { return all_items<gateway::Api>(world_, gateway::GetApis{}); });
}

const std::optional<gateway::Api>& GatewayReads::api(const std::string& api_id)
{
    return api_.get(api_id, [&] { return world_.find(gateway::GetApi{.api_id = api_id}); });
}

const std::vector<gateway::Route>& GatewayReads::routes(const std::string& api_id)
{
    return indexed_routes(api_id).items;
}

const std::vector<gateway::Integration>& GatewayReads::integrations(const std::string& api_id)
{
    return indexed_integrations(api_id).items;
}

const std::vector<gateway::Stage>& GatewayReads::stages(const std::string& api_id)
{
    return stages_.get(api_id, [&] {
        return all_items<gateway::Stage>(world_, gateway::GetStages{.api_id = api_id});
    });
}

const gateway::Route* GatewayReads::find_route(const std::string& api_id,
                                               const std::string& route_key)
{
    return indexed_routes(api_id).find(route_key);
}

const gateway::Integration* GatewayReads::find_integration(const std::string& api_id,
                                                           const std::string& integration_id)
{
    return indexed_integrations(api_id).find(integration_id);
}

template <class Item>
GatewayReads::Indexed<Item>::Indexed(std::vector<Item> list, std::string Item::* member)
    : items(std::move(list))
{
    by_key.reserve(items.size());
    for (const auto& item : items)
        by_key.emplace(item.*member, &item);
}

template <class Item>
const Item* GatewayReads::Indexed<Item>::find(const std::string& key) const
{
    const auto found = by_key.find(key);
    return found == by_key.end() ? nullptr : found->second;
}

const GatewayReads::Indexed<gateway::Route>& GatewayReads::indexed_routes(const std::string& api_id)
{
    return routes_.get(api_id, [&] {
        return Indexed(all_items<gateway::Route>(world_, gateway::GetRoutes{.api_id = api_id}),
                       &gateway::Route::route_key);
    });
}

const GatewayReads::Indexed<gateway::Integration>&
GatewayReads::indexed_integrations(const std::string& api_id)
{
    return integrations_.get(api_id, [&] {
        return Indexed(
            all_items<gateway::Integration>(world_, gateway::GetIntegrations{.api_id = api_id}),
            &gateway::Integration::integration_id);
    });
}

} // namespace nimbus::deploy::api
