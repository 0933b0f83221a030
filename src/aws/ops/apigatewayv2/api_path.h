#pragma once

#include "aws/ops/rest.h"

#include <string>

namespace nimbus::aws::apigatewayv2 {

/// /v2/apis/<api id>
inline std::string api_path(const std::string& api_id)
{
    return "/v2/apis/" + path_segment(api_id);
}

/// /v2/apis/<api id>/<collection>
inline std::string api_path(const std::string& api_id, const std::string& collection)
{
    return api_path(api_id) + "/" + collection;
}

/// /v2/apis/<api id>/<collection>/<id>
inline std::string api_path(const std::string& api_id, const std::string& collection,
                            const std::string& id)
{
    return api_path(api_id, collection) + "/" + path_segment(id);
}

} // namespace nimbus::aws::apigatewayv2
