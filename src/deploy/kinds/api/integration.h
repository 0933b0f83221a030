#pragma once

#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/api/http_api.h"

namespace nimbus::deploy::api {

struct IntegrationInputs {
    std::string api_id;
    std::string function; ///< ARN
};
BOOST_DESCRIBE_STRUCT(IntegrationInputs, (), (api_id, function))

/// Functions get an event of version 1.0, as API Gateway makes it of the request, and their answer
/// is the response. API Gateway calls them for itself, as their policy allows.
struct IntegrationSettings {
    std::string type = "AWS_PROXY";
    std::string method = "POST";
    std::string payload_format = "1.0";
    int timeout = 30'000;                         ///< milliseconds: the longest that there is
    std::string credentials;                      ///< ARN of a role
    std::vector<std::string> request_parameters;  ///< their names: a value may be a secret
    std::vector<std::string> response_parameters; ///< the statuses that have some
    bool operator==(const IntegrationSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(IntegrationSettings, (),
                      (type, method, payload_format, timeout, credentials, request_parameters,
                       response_parameters))

struct IntegrationOutputs {
    std::string integration_id;
    std::string function; ///< ARN
};
BOOST_DESCRIBE_STRUCT(IntegrationOutputs, (), (integration_id, function))

/// How an HTTP API calls one function, for all of the routes that lead to it. An integration has
/// nothing unique but an id that AWS gives: one whose answer was lost is found by its description.
/// One that only calls the same function is somebody else's.
struct IntegrationResource {
    static constexpr std::string_view name = "integration";
    using Inputs = IntegrationInputs;
    using Settings = IntegrationSettings;
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

/// How a route names the integration that it leads to.
std::string integration_target(const std::string& integration_id);

std::vector<Node> integration_nodes(const Application& application);

} // namespace nimbus::deploy::api
