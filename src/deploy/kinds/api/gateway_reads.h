#pragma once

#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/apigatewayv2/integrations.h"
#include "aws/ops/apigatewayv2/routes.h"
#include "aws/ops/apigatewayv2/stages.h"
#include "deploy/memo.h"
#include "deploy/reads.h"

#include <optional>
#include <string>
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

private:
    World& world_;
    Memo<std::vector<aws::apigatewayv2::Api>> apis_;
    Memo<std::optional<aws::apigatewayv2::Api>> api_;
    Memo<std::vector<aws::apigatewayv2::Route>> routes_;
    Memo<std::vector<aws::apigatewayv2::Integration>> integrations_;
    Memo<std::vector<aws::apigatewayv2::Stage>> stages_;
};

} // namespace nimbus::deploy::api
