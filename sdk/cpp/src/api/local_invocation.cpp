#include "api/local_invocation.h"

#include "api/api.h"
#include "api/event.h"
#include "api/route_path.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/text.h"

#include <string>

namespace nimbus::detail {

namespace {

struct Match {
    const ApiDeclaration* api = nullptr;
    const RouteDeclaration* route = nullptr;
    PathParameters parameters;
};

Match find_route(const std::vector<ApiDeclaration>& apis, std::optional<std::size_t> api_index,
                 std::string_view method, std::string_view path)
{
    Match best;
    for (std::size_t i = 0; i < apis.size(); ++i) {
        if (api_index && *api_index != i)
            continue;
        for (const auto& route : apis[i].routes) {
            if (!takes_method(route, method))
                continue;
            auto parameters = match_path(route.path, path);
            if (!parameters)
                continue;
            if (best.route &&
                !more_specific(route.method, route.path, best.route->method, best.route->path))
                continue;
            best = {&apis[i], &route, *std::move(parameters)};
        }
    }
    return best;
}

void add_twins(json::object& event, std::string_view single_key, std::string_view multi_key,
               const PathParameters& pairs)
{
    if (pairs.empty()) {
        event.emplace(single_key, nullptr);
        event.emplace(multi_key, nullptr);
        return;
    }
    json::object single;
    json::object multi;
    for (const auto& [name, value] : pairs) {
        single[name] = value;
        auto& values = multi[name];
        if (!values.is_array())
            values.emplace_array();
        values.get_array().emplace_back(value);
    }
    event.emplace(single_key, std::move(single));
    event.emplace(multi_key, std::move(multi));
}

PathParameters parse_query(std::string_view query)
{
    PathParameters pairs;
    if (query.empty())
        return pairs;
    for (const auto part : split(query, '&')) {
        const auto equals = part.find('=');
        pairs.emplace_back(percent_decode(part.substr(0, equals), true),
                           equals == std::string_view::npos
                               ? std::string()
                               : percent_decode(part.substr(equals + 1), true));
    }
    return pairs;
}

PathParameters lower_case_names(const std::vector<std::pair<std::string, std::string>>& headers)
{
    PathParameters result;
    for (const auto& [name, value] : headers)
        result.emplace_back(to_lower(name), value);
    return result;
}

json::object make_event(const app_options& application, const Match& match, std::string_view method,
                        std::string_view path, std::string_view query,
                        const invoke_options& options)
{
    std::string stage = match.api->options.stage;
    if (stage.empty())
        stage = application.stage.empty() ? "dev" : application.stage;
    json::object event{{"version", "1.0"},
                       {"resource", match.route->path},
                       {"path", percent_decode(path)},
                       {"httpMethod", method}};
    add_twins(event, "headers", "multiValueHeaders", lower_case_names(options.headers));
    add_twins(event, "queryStringParameters", "multiValueQueryStringParameters",
              parse_query(query));
    json::object parameters;
    for (const auto& [name, value] : match.parameters)
        parameters[name] = value;
    event.emplace("pathParameters",
                  parameters.empty() ? json::value(nullptr) : json::value(std::move(parameters)));
    event.emplace("requestContext", json::object{{"requestId", random_uuid()},
                                                 {"stage", stage},
                                                 {"resourcePath", match.route->path},
                                                 {"httpMethod", method},
                                                 {"identity", {{"sourceIp", "127.0.0.1"}}}});
    const bool is_text = is_utf8(options.body);
    event.emplace("body", options.body.empty() ? json::value(nullptr)
                          : is_text            ? json::value(options.body)
                                               : json::value(base64_encode(options.body)));
    event.emplace("isBase64Encoded", !is_text);
    return event;
}

} // namespace

response invoke_locally(Application& application, std::optional<std::size_t> api_index,
                        std::string_view method, std::string_view path_and_query,
                        const invoke_options& options)
{
    const auto mark = path_and_query.find('?');
    const auto path = path_and_query.substr(0, mark);
    const auto query =
        mark == std::string_view::npos ? std::string_view() : path_and_query.substr(mark + 1);
    const auto& kind = application.kind<ApiKind>();
    const auto match = find_route(kind.apis, api_index, method, path);
    if (!match.route)
        return reply(404, {{"message", "Not Found"}});

    auto event =
        decode_http_event(make_event(application.options, match, method, path, query, options),
                          {.request_id = random_uuid()});
    return kind.answer(*match.route->handler, request(std::move(event)));
}

} // namespace nimbus::detail
