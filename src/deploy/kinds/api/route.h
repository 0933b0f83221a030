#pragma once

#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/api/http_api.h"

#include <unordered_map>

namespace nimbus::deploy::api {

struct RouteInputs {
    std::string api_id;
    std::string route_key;
    std::string target; ///< integrations/<id>
};
BOOST_DESCRIBE_STRUCT(RouteInputs, (), (api_id, route_key, target))

/// Who has the URL may call it: what is allowed, the function decides.
struct RouteSettings {
    std::string authorization_type = "NONE";
    bool api_key_required = false;
};
BOOST_DESCRIBE_STRUCT(RouteSettings, (), (authorization_type, api_key_required))

struct RouteOutputs {
    std::string route_key;
    std::string route_id;
    std::string target; ///< empty as long as the last change was made by a version before 0.2
    /// Of an integration that was the route's own: versions before 0.2 made one for each.
    std::string integration_id;
};
BOOST_DESCRIBE_STRUCT(RouteOutputs, (), (route_key, route_id, target, integration_id))

/// A route of an HTTP API.
struct RouteResource {
    static constexpr std::string_view name = "route";
    using Inputs = RouteInputs;
    using Settings = RouteSettings;
    using Outputs = RouteOutputs;
    using Parent = HttpApi;
    using Subject = SubjectOf<RouteResource>;
    using Observed = ObservedOf<RouteResource>;

    static std::optional<Observed> read(World&, Reads&, const Subject&);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    static void destroy(World&, const Subject&);
    static std::string id(const Outputs& outputs) { return outputs.route_id; }
};

/// "web GET /users/{id}"
std::string route_name(const Api& api, const Route& route);

/// What may call the functions that an API's routes lead to. Refers to the API.
class Callers {
public:
    explicit Callers(const Api& api);
    /// Of a route's function: the route, or the API when it has several routes that lead to that
    /// function. A function's policy has room for about 60 statements.
    std::string name(const Route& route) const;

private:
    const Api& api_;
    std::unordered_map<std::string_view, int> routes_; ///< how many lead to each function
};

std::vector<Node> route_nodes(const Application& application);

} // namespace nimbus::deploy::api
