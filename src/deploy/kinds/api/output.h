#pragma once

#include <boost/describe/class.hpp>

#include <string>
#include <vector>

namespace nimbus::deploy::api {

inline constexpr const char* kind_name = "api";

struct RouteOutput {
    std::string method;
    std::string path;
    std::string function; ///< as declared
};
BOOST_DESCRIBE_STRUCT(RouteOutput, (), (method, path, function))

/// A deployed API, as `deploy --json` prints it.
struct ApiOutput {
    std::string name; ///< as declared
    std::string id;
    std::string url;
    std::vector<RouteOutput> routes;
};
BOOST_DESCRIBE_STRUCT(ApiOutput, (), (name, id, url, routes))

} // namespace nimbus::deploy::api
