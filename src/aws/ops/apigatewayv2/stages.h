#pragma once

#include "aws/operation.h"

#include <map>
#include <optional>

/// API Gateway v2: stages.
namespace nimbus::aws::apigatewayv2 {

struct Stage {
    std::string stage_name;
    bool auto_deploy = false;
    std::string deployment_id;
    std::string description;
    std::map<std::string, std::string> stage_variables;
    Tags tags;
};

struct CreateStage {
    static constexpr OperationInfo info{services::apigatewayv2, "CreateStage", Effect::change};

    std::string api_id;
    std::string stage_name; ///< the first segment of the path, or $default for none
    bool auto_deploy = true;
    std::string description;
    std::map<std::string, std::string> stage_variables;
    Tags tags;

    using Response = Stage;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// Paginated.
struct GetStages {
    static constexpr OperationInfo info{services::apigatewayv2, "GetStages", Effect::read};

    std::string api_id;
    int max_results = 0; ///< 0: AWS's default
    std::string next_token;

    struct Response {
        std::vector<Stage> items;
        std::string next_token;
    };

    Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// What is absent stays as it is.
struct UpdateStage {
    static constexpr OperationInfo info{services::apigatewayv2, "UpdateStage", Effect::change};

    std::string api_id;
    std::string stage_name;
    std::optional<bool> auto_deploy;
    std::optional<std::string> description;
    std::map<std::string, std::string> stage_variables; ///< added to those there; "": removed

    using Response = Stage;
    Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct DeleteStage {
    static constexpr OperationInfo info{services::apigatewayv2, "DeleteStage", Effect::change};

    std::string api_id;
    std::string stage_name;

    using Response = Nothing;
    Encoded encode() const;
    static Response decode(const http::Response&) { return {}; }
};

} // namespace nimbus::aws::apigatewayv2
