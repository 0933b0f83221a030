#pragma once

#include "aws/operation.h"

#include <optional>

/// API Gateway v2: routes.
namespace nimbus::aws::apigatewayv2 {

struct Route {
    std::string route_id;
    std::string route_key;                   ///< "GET /users/{id}", or "$default"
    std::string target;                      ///< integrations/<integration id>
    std::string authorization_type = "NONE"; ///< or AWS_IAM, JWT, CUSTOM
    bool api_key_required = false;
};

struct CreateRoute {
    /// The route key is unique in its API: a repeat gives ConflictException.
    static constexpr OperationInfo info{services::apigatewayv2, "CreateRoute", Effect::change};

    std::string api_id;
    std::string route_key;
    std::string target;

    using Response = Route;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Paginated.
struct GetRoutes {
    static constexpr OperationInfo info{services::apigatewayv2, "GetRoutes", Effect::read};

    std::string api_id;
    int max_results = 0; ///< 0: AWS's default
    std::string next_token;

    struct Response {
        std::vector<Route> items;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What is absent stays as it is.
struct UpdateRoute {
    static constexpr OperationInfo info{services::apigatewayv2, "UpdateRoute", Effect::change};

    std::string api_id;
    std::string route_id;
    std::optional<std::string> route_key;
    std::optional<std::string> target;
    std::optional<std::string> authorization_type;
    std::optional<bool> api_key_required;

    using Response = Route;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteRoute {
    static constexpr OperationInfo info{services::apigatewayv2, "DeleteRoute", Effect::change};

    std::string api_id;
    std::string route_id;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::apigatewayv2
