#pragma once

#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/api/http_api.h"

namespace nimbus::deploy::api {

struct RouteInputs {
    std::string api_id;
    std::string route_key;
    std::string function; ///< ARN
    std::string payload_format;
};
BOOST_DESCRIBE_STRUCT(RouteInputs, (), (api_id, route_key, function, payload_format))

struct RouteOutputs {
    std::string route_key;
    std::string route_id;
    std::string integration_id;
};
BOOST_DESCRIBE_STRUCT(RouteOutputs, (), (route_key, route_id, integration_id))

/// A route of an HTTP API with the integration that is its own. An integration has nothing unique
/// but an id that AWS gives: its description says which route it is for, so that one whose route
/// was never made is found again.
struct RouteResource {
    static constexpr std::string_view name = "route";
    using Inputs = RouteInputs;
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

std::vector<Node> route_nodes(const Application& application);

} // namespace nimbus::deploy::api
