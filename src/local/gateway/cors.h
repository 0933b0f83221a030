#pragma once

#include "http/message.h"
#include "local/gateway/api.h"

#include <optional>
#include <string>
#include <string_view>

namespace nimbus::local::gateway {

/// The origin of a cross-origin request; empty where there is none, or the API has no CORS.
std::string origin_of(const http::Request& request, const std::optional<Api::Cors>& cors);

/// The gateway's own answer to a preflight request, whether or not the API has a route for it;
/// nothing for another request. Source: API Gateway Developer Guide, "Configure CORS for HTTP
/// APIs".
std::optional<http::Response> preflight_answer(const http::Request& request,
                                               const std::optional<Api::Cors>& cors);

/// Gives an answer of a function the API's own CORS headers, in the place of those that it has.
void add_cors_headers(http::Response& response, const Api::Cors& cors, std::string_view origin);

} // namespace nimbus::local::gateway
