#pragma once

#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "aws/ops/apigatewayv2/stages.h"
#include "deploy/memo.h"
#include "deploy/reads.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nimbus::deploy::api {

/// The lists of API Gateway, each read once. Those of an API are empty when there is no such API.
/// Thread-safe.
class GatewayReads {
public:
    explicit GatewayReads(World& world) : world_(world) {}

    const std::vector<aws::apigatewayv2::Api>& apis();
    /// Nothing when there is none.
    const std::optional<aws::apigatewayv2::Api>& api(const std::string& api_id);
    const std::vector<aws::apigatewayv2::Route>& routes(const std::string& api_id);
    const std::vector<aws::apigatewayv2::Integration>& integrations(const std::string& api_id);
    const std::vector<aws::apigatewayv2::Stage>& stages(const std::string& api_id);

    /// Null when there is none.
    const aws::apigatewayv2::Route* find_route(const std::string& api_id,
                                               const std::string& route_key);
    const aws::apigatewayv2::Integration* find_integration(const std::string& api_id,
                                                           const std::string& integration_id);

private:
    /// A list, and each of its items by what tells it from the others.
    template <class Item>
    struct Indexed {
        Indexed(std::vector<Item> list, std::string Item::* member);
        const Item* find(const std::string& key) const;

        std::vector<Item> items;
        std::unordered_map<std::string_view, const Item*> by_key;
    };

    const Indexed<aws::apigatewayv2::Route>& indexed_routes(const std::string& api_id);
    const Indexed<aws::apigatewayv2::Integration>& indexed_integrations(const std::string& api_id);

    World& world_;
    Memo<std::vector<aws::apigatewayv2::Api>> apis_;
    Memo<std::optional<aws::apigatewayv2::Api>> api_;
    Memo<Indexed<aws::apigatewayv2::Route>> routes_;
    Memo<Indexed<aws::apigatewayv2::Integration>> integrations_;
    Memo<std::vector<aws::apigatewayv2::Stage>> stages_;
};

} // namespace nimbus::deploy::api
