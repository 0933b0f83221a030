#pragma once

#include "base/json.h"
#include "deploy/kinds/api/output.h"

namespace nimbus::deploy::api {

/// A request for the route without headers, query and body, as API Gateway would send it; path
/// parameters have their names for values. Source: API Gateway Developer Guide, "Create AWS Lambda
/// proxy integrations for HTTP APIs", payload format version 1.0.
json::object sample_event(const ApiOutput& api, const RouteOutput& route);

} // namespace nimbus::deploy::api
