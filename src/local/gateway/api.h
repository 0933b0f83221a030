#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::local {

/// An HTTP API as deployed: a value, replaced as a whole by each change.
struct Api {
    struct Integration {
        std::string function_arn;           ///< out of the integration's URI
        std::string payload_format = "1.0"; ///< "1.0" or "2.0"
        int timeout_milliseconds = 30'000;
    };
    struct Route {
        std::string key; ///< "GET /users/{id}", "ANY /files/{proxy+}", or "$default"
        Integration integration;
    };

    /// What the gateway answers browsers that call from pages of other origins.
    struct Cors {
        bool allow_credentials = false;
        std::vector<std::string> allow_headers;
        std::vector<std::string> allow_methods;
        std::vector<std::string> allow_origins; ///< exact, or "*", "http://*", "https://*"
        std::vector<std::string> expose_headers;
        std::optional<int> max_age_seconds;
    };

    std::string id;
    std::string name;
    std::string region;
    std::string account_id;
    std::vector<std::string> stages;
    std::vector<Route> routes; ///< only routes that have an integration
    std::optional<Cors> cors{};
};

/// The data plane of API Gateway. Thread-safe.
class ApiHost {
public:
    virtual ~ApiHost() = default;
    /// Opens the API's listener on `port` (0: a free one) and returns the port. Throws Error when a
    /// given port is taken.
    virtual std::uint16_t open(const std::string& api_id, std::uint16_t port) = 0;
    virtual void publish(std::shared_ptr<const Api> api) = 0;
    virtual void close(const std::string& api_id) = 0;
};

} // namespace nimbus::local
