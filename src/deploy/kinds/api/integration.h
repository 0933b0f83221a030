#pragma once

#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/api/http_api.h"

namespace nimbus::deploy::api {

struct IntegrationInputs {
    std::string api_id;
    std::string function; ///< ARN
    std::string payload_format;
};
BOOST_DESCRIBE_STRUCT(IntegrationInputs, (), (api_id, function, payload_format))

struct IntegrationOutputs {
    std::string integration_id;
    std::string function; ///< ARN
};
BOOST_DESCRIBE_STRUCT(IntegrationOutputs, (), (integration_id, function))

/// How an HTTP API calls one function, for all of the routes that lead to it. An integration has
/// nothing unique but an id that AWS gives: one whose answer was lost is found by its description,
/// and those of versions before 0.2, one for each route, by the function that they call.
struct IntegrationResource {
    static constexpr std::string_view name = "integration";
    using Inputs = IntegrationInputs;
    using Outputs = IntegrationOutputs;
    using Parent = HttpApi;
    using Subject = SubjectOf<IntegrationResource>;
    using Observed = ObservedOf<IntegrationResource>;

    static std::optional<Observed> read(World&, Reads&, const Subject&);
    static Outputs create(World&, const Subject&, const Inputs&);
    static Outputs update(World&, const Subject&, const Inputs&, const Observed&);
    static void destroy(World&, const Subject&);
    static std::string id(const Outputs& outputs) { return outputs.integration_id; }
};

/// "web get-users"
std::string integration_name(const Api& api, const std::string& function);

std::vector<Node> integration_nodes(const Application& application);

} // namespace nimbus::deploy::api
