#include "local/gateway/cors.h"

#include "base/text.h"

#include <algorithm>
#include <vector>

namespace nimbus::local::gateway {
namespace {

/// An origin of the list is exact, or "*", "http://*" or "https://*".
bool allows(const std::vector<std::string>& origins, std::string_view origin)
{
    return std::ranges::any_of(origins,
                               [&](const std::string& one) { return wildcard_match(one, origin); });
}

/// Every origin is allowed by the bare "*", which is answered as it stands.
std::string allowed_origin(const Api::Cors& cors, std::string_view origin)
{
    return std::ranges::count(cors.allow_origins, "*") > 0 ? "*" : std::string(origin);
}

void add_origin(http::Response& response, const Api::Cors& cors, std::string_view origin)
{
    response.headers.set("access-control-allow-origin", allowed_origin(cors, origin));
    if (cors.allow_credentials)
        response.headers.set("access-control-allow-credentials", "true");
}

void add_list(http::Response& response, std::string name, const std::vector<std::string>& list)
{
    if (!list.empty())
        response.headers.set(std::move(name), join(list, ","));
}

} // namespace

std::string origin_of(const http::Request& request, const std::optional<Api::Cors>& cors)
{
    return cors ? std::string(request.headers.get("origin")) : std::string();
}

std::optional<http::Response> preflight_answer(const http::Request& request,
                                               const std::optional<Api::Cors>& cors)
{
    const auto origin = origin_of(request, cors);
    if (request.method != "OPTIONS" || origin.empty() ||
        !request.headers.contains("access-control-request-method"))
        return std::nullopt;
    http::Response response{.status = 204};
    if (!allows(cors->allow_origins, origin))
        return response;
    add_origin(response, *cors, origin);
    add_list(response, "access-control-allow-methods", cors->allow_methods);
    add_list(response, "access-control-allow-headers", cors->allow_headers);
    if (cors->max_age_seconds)
        response.headers.set("access-control-max-age", std::to_string(*cors->max_age_seconds));
    return response;
}

void add_cors_headers(http::Response& response, const Api::Cors& cors, std::string_view origin)
{
    for (const auto* name : {"access-control-allow-origin", "access-control-allow-credentials",
                             "access-control-allow-methods", "access-control-allow-headers",
                             "access-control-expose-headers", "access-control-max-age"})
        response.headers.remove(name);
    if (!allows(cors.allow_origins, origin))
        return;
    add_origin(response, cors, origin);
    add_list(response, "access-control-expose-headers", cors.expose_headers);
}

} // namespace nimbus::local::gateway
