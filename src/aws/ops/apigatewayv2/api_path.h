#pragma once

#include "base/encoding.h"

#include <string>

namespace nimbus::aws::apigatewayv2 {

/// /v2/apis/<api id>[/<collection>[/<id>]]
inline std::string api_path(const std::string& api_id, const std::string& collection = {},
                            const std::string& id = {})
{
    std::string path = "/v2/apis/" + percent_encode(api_id);
    if (!collection.empty())
        path += "/" + collection;
    if (!id.empty())
        path += "/" + percent_encode(id);
    return path;
}

} // namespace nimbus::aws::apigatewayv2
