#pragma once

#include "api/api.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::detail {

/// The routes of one function.
class RouteTable {
public:
    explicit RouteTable(std::string function) : function_(std::move(function)) {}

    void add(const RouteDeclaration& route) { routes_.push_back(route); }

    /// The handler for a request that API Gateway matched with a route of the path `resource`: it
    /// has chosen among the paths, so what is left is that a method goes before ANY. A function of
    /// one route takes whatever comes. Throws json_error when no route is for the request.
    std::shared_ptr<const handler_function> find(std::string_view method,
                                                 std::string_view resource) const;

private:
    std::string function_;
    std::vector<RouteDeclaration> routes_;
};

} // namespace nimbus::detail
