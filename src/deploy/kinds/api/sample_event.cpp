#include "deploy/kinds/api/sample_event.h"

#include "deploy/kinds/api/declaration.h"
#include "routes/route_path.h"

#include <string>

namespace nimbus::deploy::api {
namespace {

constexpr std::string_view any_method = "ANY";

/// The stage is the path of the URL; without one it is $default.
std::string stage_of(const ApiOutput& api)
{
    const auto host = api.url.find("://") + 3;
    const auto slash = api.url.find('/', host);
    return slash == std::string::npos ? std::string(default_stage) : api.url.substr(slash + 1);
}

} // namespace

json::object sample_event(const ApiOutput& api, const RouteOutput& route)
{
    const auto method = route.method == any_method ? std::string("GET") : route.method;
    const auto resource = route.path == routes::default_path ? std::string("/") : route.path;
    std::string path;
    json::object parameters;
    for (const auto& segment : routes::segments_of(resource)) {
        path += '/';
        path += segment.text;
        if (segment.kind != routes::Segment::Kind::literal)
            parameters[segment.text] = segment.text;
    }
    if (path.empty())
        path = "/";
    path.insert(0, path_prefix(stage_of(api)));
    return {{"version", "1.0"},
            {"resource", route.path},
            {"path", path},
            {"httpMethod", method},
            {"headers", json::object{}},
            {"multiValueHeaders", json::object{}},
            {"queryStringParameters", nullptr},
            {"multiValueQueryStringParameters", nullptr},
            {"pathParameters", parameters.empty() ? json::value(nullptr) : json::value(parameters)},
            {"stageVariables", nullptr},
            {"requestContext", json::object{{"apiId", api.id},
                                            {"httpMethod", method},
                                            {"path", path},
                                            {"resourcePath", route.path},
                                            {"stage", stage_of(api)}}},
            {"body", nullptr},
            {"isBase64Encoded", false}};
}

} // namespace nimbus::deploy::api
