#include "api/route_table.h"

#include "api/route_path.h"
#include "base/text.h"

namespace nimbus::detail {

std::shared_ptr<const handler_function> RouteTable::find(std::string_view method,
                                                         std::string_view resource) const
{
    if (routes_.size() == 1)
        return routes_.front().handler;
    const RouteDeclaration* best = nullptr;
    for (const auto& route : routes_)
        if (route.path == resource && takes_method(route, method) &&
            (best == nullptr || more_specific(route.method, route.path, best->method, best->path)))
            best = &route;
    if (best != nullptr)
        return best->handler;
    std::vector<std::string> known;
    for (const auto& route : routes_)
        known.push_back(route.method + ' ' + route.path);
    throw json_error("the function " + function_ + " has the routes " + join(known, ", ") +
                     "; the event is for none of these, but for httpMethod \"" +
                     std::string(method) + "\" and resource \"" + std::string(resource) + '"');
}

} // namespace nimbus::detail
