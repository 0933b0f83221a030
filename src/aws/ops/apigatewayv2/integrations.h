#pragma once

#include "aws/operation.h"

#include <map>
#include <optional>

/// API Gateway v2: what stands behind a route.
namespace nimbus::aws::apigatewayv2 {

/// What API Gateway changes of responses, by their status and then by what is changed.
using ResponseParameters = std::map<std::string, std::map<std::string, std::string>>;

struct Integration {
    std::string integration_id;
    std::string integration_type; ///< AWS_PROXY: a Lambda function
    std::string integration_uri;  ///< the function's ARN
    std::string integration_method;
    std::string payload_format_version; ///< 1.0 or 2.0
    int timeout_milliseconds = 30'000;
    std::string description;
    std::string credentials_arn; ///< role to call with; empty: as API Gateway itself
    std::map<std::string, std::string> request_parameters; ///< what it changes of requests
    ResponseParameters response_parameters;
};

struct CreateIntegration {
    /// Nothing about an integration is unique but its id: a repeat would make a second one.
    static constexpr OperationInfo info{services::apigatewayv2, "CreateIntegration",
                                        Effect::change_once};

    std::string api_id;
    std::string integration_type = "AWS_PROXY";
    std::string integration_uri;
    std::string integration_method = "POST";
    std::string payload_format_version = "1.0";
    std::optional<int> timeout_milliseconds; ///< 50 to 30,000
    std::string description;

    using Response = Integration;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Paginated.
struct GetIntegrations {
    static constexpr OperationInfo info{services::apigatewayv2, "GetIntegrations", Effect::read};

    std::string api_id;
    int max_results = 0; ///< 0: AWS's default
    std::string next_token;

    struct Response {
        std::vector<Integration> items;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What is absent stays as it is, and so does each parameter that is not named. A parameter is
/// removed by an empty value, those of a status by an empty map.
struct UpdateIntegration {
    static constexpr OperationInfo info{services::apigatewayv2, "UpdateIntegration",
                                        Effect::change};

    std::string api_id;
    std::string integration_id;
    std::optional<std::string> integration_type;
    std::optional<std::string> integration_uri;
    std::optional<std::string> integration_method;
    std::optional<std::string> payload_format_version;
    std::optional<int> timeout_milliseconds;
    std::optional<std::string> description;
    std::optional<std::string> credentials_arn; ///< empty: none any more
    std::map<std::string, std::string> request_parameters;
    ResponseParameters response_parameters;

    using Response = Integration;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteIntegration {
    static constexpr OperationInfo info{services::apigatewayv2, "DeleteIntegration",
                                        Effect::change};

    std::string api_id;
    std::string integration_id;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::apigatewayv2
