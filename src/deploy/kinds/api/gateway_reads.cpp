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
    return routes_.get(api_id, [&] {
        return all_items<gateway::Route>(world_, gateway::GetRoutes{.api_id = api_id});
    });
}

const std::vector<gateway::Integration>& GatewayReads::integrations(const std::string& api_id)
{
    return integrations_.get(api_id, [&] {
        return all_items<gateway::Integration>(world_, gateway::GetIntegrations{.api_id = api_id});
    });
}

const std::vector<gateway::Stage>& GatewayReads::stages(const std::string& api_id)
{
    return stages_.get(api_id, [&] {
        return all_items<gateway::Stage>(world_, gateway::GetStages{.api_id = api_id});
    });
}

} // namespace nimbus::deploy::api
