#pragma once

#include "manifest/section.h"

#include <string>
#include <vector>

/// An HTTP API: API Gateway v2.
namespace nimbus::deploy::api {

struct Route {
    std::string method;   ///< GET, POST, …, or ANY
    std::string path;     ///< /users/{id}, /files/{proxy+}, or $default (then the method is ANY)
    std::string function; ///< the name of one of the functions

    bool operator==(const Route&) const = default;
};

/// As a program declares it.
struct Api {
    std::string name;
    std::string description;
    std::string stage; ///< the first segment of the URL's path; empty in JSON: the application's
    std::vector<Route> routes;

    bool operator==(const Api&) const = default;
};

/// "apis" in the manifest.
manifest::Section section();

/// "GET /users", or "$default".
std::string route_key(const Route& route);

} // namespace nimbus::deploy::api
