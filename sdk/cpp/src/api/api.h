#pragma once

#include "core/application.h"

#include <exception>
#include <functional>
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

struct ApiDeclaration {
    api_options options;
    std::source_location place;
    std::vector<RouteDeclaration> routes;
};

/// The HTTP APIs of the application.
class ApiKind : public Kind {
public:
    std::vector<ApiDeclaration> apis;
    std::function<response(const std::exception&, const request&)> on_error;

    void describe(ManifestWriter& manifest) const override;

    /// The handler's answer, that of an http_error, or on_error's; other exceptions pass.
    response answer(const handler_function& handler, const request& req) const;
};

} // namespace nimbus::detail
