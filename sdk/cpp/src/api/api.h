#pragma once

#include "core/application.h"

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <nimbus/api.hpp>
#include <source_location>
#include <string>
#include <vector>

namespace nimbus::detail {

struct RouteDeclaration {
    std::string method;
    std::string path;
    std::shared_ptr<const handler_function> handler;
    std::source_location place;
    std::string function; ///< its name
};

/// Is the route for requests with `method`?
inline bool takes_method(const RouteDeclaration& route, std::string_view method)
{
    return route.method == method || route.method == "ANY";
}

struct ApiDeclaration {
    api_options options;
    std::source_location place;
    std::vector<RouteDeclaration> routes;
};

class RouteTable;

/// The HTTP APIs of the application.
class ApiKind : public Kind {
public:
    std::vector<ApiDeclaration> apis;
    std::map<std::string, std::shared_ptr<RouteTable>> tables; ///< by the name of the function
    std::function<response(const std::exception&, const request&)> on_error;

    /// Throws Error where routes of two APIs share a function that could not tell their events
    /// apart.
    void describe(ManifestWriter& manifest) const override;

    /// The handler's answer, that of an http_error, or on_error's; other exceptions pass.
    response answer(const handler_function& handler, const request& req) const;
};

} // namespace nimbus::detail
