#pragma once

#include "aws/operation.h"

#include <optional>

/// API Gateway v2: HTTP APIs. Errors worth knowing: NotFoundException (404), ConflictException
/// (409), BadRequestException (400), TooManyRequestsException (429; retried).
namespace nimbus::aws::apigatewayv2 {

struct Api {
    std::string api_id;
    std::string name;
    std::string api_endpoint; ///< the URL without the stage
    std::string protocol_type;
    std::string description;
    bool disable_execute_api_endpoint = false; ///< nothing answers at api_endpoint
    std::string ip_address_type = "ipv4";      ///< or dualstack
    bool has_cors = false;                     ///< API Gateway answers and adds CORS headers itself
    Tags tags;
};

struct CreateApi {
    /// Names need not be unique: a repeat would make a second API.
    static constexpr OperationInfo info{services::apigatewayv2, "CreateApi", Effect::change_once};

    std::string name;
    std::string protocol_type = "HTTP";
    std::string description;
    Tags tags;

    using Response = Api;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct GetApi {
    static constexpr OperationInfo info{services::apigatewayv2, "GetApi", Effect::read};

    std::string api_id;

    using Response = Api;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Paginated; tags are in the answer.
struct GetApis {
    static constexpr OperationInfo info{services::apigatewayv2, "GetApis", Effect::read};

    int max_results = 0; ///< 0: AWS's default
    std::string next_token;

    struct Response {
        std::vector<Api> items;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What is absent stays as it is.
struct UpdateApi {
    static constexpr OperationInfo info{services::apigatewayv2, "UpdateApi", Effect::change};

    std::string api_id;
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<bool> disable_execute_api_endpoint;
    std::optional<std::string> ip_address_type;

    using Response = Api;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteCorsConfiguration {
    static constexpr OperationInfo info{services::apigatewayv2, "DeleteCorsConfiguration",
                                        Effect::change};

    std::string api_id;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

/// With its routes, integrations and stages.
struct DeleteApi {
    static constexpr OperationInfo info{services::apigatewayv2, "DeleteApi", Effect::change};

    std::string api_id;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::apigatewayv2
