#pragma once

#include "manifest/section.h"

#include <string>
#include <string_view>
#include <vector>

/// An HTTP API: API Gateway v2.
namespace nimbus::deploy::api {

struct Route {
    std::string method;   ///< GET, POST, …, or ANY
    std::string path;     ///< /users/{id}, /files/{proxy+}, or $default (then the method is ANY)
    std::string function; ///< the name of one of the functions

    bool operator==(const Route&) const = default;
};

/// The stage that is in no URL: API Gateway Developer Guide, "Stages for HTTP APIs".
inline constexpr std::string_view default_stage = "$default";

/// As a program declares it.
struct Api {
    std::string name;
    std::string description;
    /// The first segment of the URL's path, or `default_stage`. Empty in JSON: the application's.
    std::string stage;
    std::vector<Route> routes;

    bool operator==(const Api&) const = default;
};

/// "apis" in the manifest.
manifest::Section section();

/// "GET /users", or "$default".
std::string route_key(const Route& route);

/// What the stage adds to the API's URL, and to the paths in events: "/dev", or "" of $default.
std::string path_prefix(const std::string& stage);

} // namespace nimbus::deploy::api
