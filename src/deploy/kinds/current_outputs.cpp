#include "deploy/kinds/current_outputs.h"

#include "aws/client.h"
#include "aws/ops/apigatewayv2/apis.h"
#include "deploy/kinds/api/output.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

/// Behind "http://host:port".
std::string_view path_of(std::string_view url)
{
    const auto host = url.find("://") + 3;
    return url.substr(std::min(url.find('/', host), url.size()));
}

} // namespace

Outputs current_outputs(Outputs outputs, const Target& target)
{
    if (target.name != "local")
        return outputs;
    for (auto& item : outputs.items) {
        if (item.kind != api::kind_name)
            continue;
        const auto known = item.as<api::ApiOutput>();
        if (const auto found = target.client.find(aws::apigatewayv2::GetApi{.api_id = known.id}))
            item.members["url"] = found->api_endpoint + std::string(path_of(known.url));
    }
    return outputs;
}

} // namespace nimbus::deploy
