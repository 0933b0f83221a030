#include "base/text.h"
#include "local/services/answers.h"
#include "local/services/apigateway/apigateway_service.h"
#include "local/services/inputs.h"

#include <algorithm>
#include <array>
#include <set>

namespace nimbus::local {
namespace {

using namespace apigateway_api;

constexpr std::string_view bad_request = "BadRequestException";

// --- integrations ---------------------------------------------------------------------------

void check_integration(const json::object& integration)
{
    const Input input(integration, bad_request);
    if (input.required_text("integrationType") != "AWS_PROXY")
        throw_bad_request("The local cloud has Lambda proxy integrations only: integrationType "
                          "must be AWS_PROXY");
    const auto uri = input.text("integrationUri").value_or("");
    if (!uri.starts_with("arn:aws:lambda:") &&
        uri.find(":lambda:path/2015-03-31/functions/arn:aws:lambda:") == std::string::npos)
        throw_bad_request("Invalid integrationUri: it must be the ARN of a Lambda function");
    const auto format = input.text("payloadFormatVersion");
    if (!format)
        throw_bad_request("PayloadFormatVersion is a required parameter for integration");
    if (format != "1.0" && format != "2.0")
        throw_bad_request("Invalid payloadFormatVersion: it must be 1.0 or 2.0");
    static_cast<void>(input.integer("timeoutInMillis", 50, 30'000));
    if (input.text("connectionType").value_or("INTERNET") != "INTERNET")
        throw_bad_request("The local cloud has no VPC links");
}

constexpr std::array<std::string_view, 7> integration_members{
    "integrationType", "integrationUri", "payloadFormatVersion", "timeoutInMillis",
    "description",     "connectionType", "integrationMethod"};
constexpr std::array<std::string_view, 6> refused_of_integrations{
    "credentialsArn", "requestParameters",  "responseParameters",
    "tlsConfig",      "integrationSubtype", "connectionId"};

http::Response create_integration(ApiStore& store, Call& call)
{
    json::object integration{
        {"connectionType", "INTERNET"}, {"integrationMethod", "POST"}, {"timeoutInMillis", 30'000}};
    refuse_given(call.input, "integrations", refused_of_integrations);
    take(call.input, integration, integration_members);
    check_integration(integration);
    integration["integrationId"] = new_id(7);
    store.change(call, [&](json::object& document) {
        document.at("integrations").as_object()[integration.at("integrationId").as_string()] =
            integration;
    });
    return json_answer(integration, 201);
}

http::Response update_integration(ApiStore& store, Call& call)
{
    refuse_given(call.input, "integrations", refused_of_integrations);
    json::object answer;
    store.change(call, [&](json::object& document) {
        auto& integration = need_part(document, "integrations", call.label("integrationId"));
        take(call.input, integration, integration_members);
        check_integration(integration);
        answer = integration;
    });
    return json_answer(answer);
}

http::Response delete_integration(ApiStore& store, Call& call)
{
    store.change(call, [&](json::object& document) {
        const auto& id = call.label("integrationId");
        need_part(document, "integrations", id);
        for (const auto& [route_id, route] : document.at("routes").as_object())
            if (string_or_empty(route.as_object(), "target") == "integrations/" + id)
                throw_conflict("Cannot delete Integration '" + id + "' due to existing Route '" +
                               std::string(route_id) + "'");
        document.at("integrations").as_object().erase(id);
    });
    return no_content();
}

// --- routes ---------------------------------------------------------------------------------

bool is_segment(std::string_view segment, bool last, std::set<std::string>& names)
{
    if (segment.find_first_of("{}") == std::string_view::npos)
        return !segment.empty() || last;
    if (!segment.starts_with('{') || !segment.ends_with('}'))
        return false;
    auto name = segment.substr(1, segment.size() - 2);
    if (name.ends_with('+')) {
        if (!last)
            return false;
        name.remove_suffix(1);
    }
    const auto fine = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == ':';
    });
    return fine && names.insert(std::string(name)).second;
}

bool is_route_key(std::string_view key)
{
    if (key == "$default")
        return true;
    constexpr std::array<std::string_view, 8> methods{"GET",    "POST", "PUT",     "PATCH",
                                                      "DELETE", "HEAD", "OPTIONS", "ANY"};
    const auto space = key.find(' ');
    if (space == std::string_view::npos ||
        std::ranges::find(methods, key.substr(0, space)) == methods.end())
        return false;
    auto path = key.substr(space + 1);
    if (!path.starts_with('/'))
        return false;
    const auto segments = split(path.substr(1), '/');
    std::set<std::string> names;
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (!is_segment(segments[i], i + 1 == segments.size(), names))
            return false;
    return true;
}

void check_route(const json::object& route, json::object& document)
{
    const Input input(route, bad_request);
    const auto key = input.required_text("routeKey");
    if (!is_route_key(key))
        throw_bad_request("The provided route key is not formatted properly for HTTP protocol. "
                          "Format should be \"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\"");
    for (const auto& [id, other] : document.at("routes").as_object())
        if (string_or_empty(other.as_object(), "routeKey") == key &&
            id != string_or_empty(route, "routeId"))
            throw_conflict("Route with key " + key + " already exists for this API");
    if (const auto target = input.text("target")) {
        constexpr std::string_view prefix = "integrations/";
        if (!target->starts_with(prefix) ||
            !document.at("integrations").as_object().contains(target->substr(prefix.size())))
            throw_bad_request("Invalid target: " + *target +
                              " is not integrations/<id> of an integration of this API");
    }
    if (input.text("authorizationType").value_or("NONE") != "NONE")
        throw_bad_request("The local cloud has no authorizers: authorizationType must be NONE");
    if (input.boolean("apiKeyRequired").value_or(false))
        throw_bad_request("apiKeyRequired is not supported for HTTP APIs");
}

constexpr std::array<std::string_view, 5> route_members{"routeKey", "target", "authorizationType",
                                                        "operationName", "apiKeyRequired"};

constexpr std::array<std::string_view, 2> refused_of_routes{"authorizerId", "authorizationScopes"};

http::Response create_route(ApiStore& store, Call& call)
{
    refuse_given(call.input, "routes", refused_of_routes);
    json::object route{{"apiKeyRequired", false}, {"authorizationType", "NONE"}};
    take(call.input, route, route_members);
    route["routeId"] = new_id(7);
    store.change(call, [&](json::object& document) {
        check_route(route, document);
        document.at("routes").as_object()[route.at("routeId").as_string()] = route;
    });
    return json_answer(route, 201);
}

http::Response update_route(ApiStore& store, Call& call)
{
    refuse_given(call.input, "routes", refused_of_routes);
    json::object answer;
    store.change(call, [&](json::object& document) {
        auto& route = need_part(document, "routes", call.label("routeId"));
        take(call.input, route, route_members);
        check_route(route, document);
        answer = route;
    });
    return json_answer(answer);
}

http::Response delete_route(ApiStore& store, Call& call)
{
    store.change(call, [&](json::object& document) {
        need_part(document, "routes", call.label("routeId"));
        document.at("routes").as_object().erase(call.label("routeId"));
    });
    return no_content();
}

http::Response get_integration(ApiStore& store, Call& call)
{
    auto document = store.need(call);
    return json_answer(need_part(document, "integrations", call.label("integrationId")));
}

http::Response get_integrations(ApiStore& store, Call& call)
{
    return page(call, values(store.need(call).at("integrations").as_object()));
}

http::Response get_route(ApiStore& store, Call& call)
{
    auto document = store.need(call);
    return json_answer(need_part(document, "routes", call.label("routeId")));
}

http::Response get_routes(ApiStore& store, Call& call)
{
    return page(call, values(store.need(call).at("routes").as_object()));
}

} // namespace

std::vector<Operation> apigateway_part_operations(ApiStore& store)
{
    constexpr std::string_view integrations = "/v2/apis/{apiId}/integrations";
    constexpr std::string_view integration = "/v2/apis/{apiId}/integrations/{integrationId}";
    constexpr std::string_view routes = "/v2/apis/{apiId}/routes";
    constexpr std::string_view route = "/v2/apis/{apiId}/routes/{routeId}";
    return {
        entry(store, "CreateIntegration", "POST", integrations, create_integration),
        entry(store, "GetIntegrations", "GET", integrations, get_integrations),
        entry(store, "GetIntegration", "GET", integration, get_integration),
        entry(store, "UpdateIntegration", "PATCH", integration, update_integration),
        entry(store, "DeleteIntegration", "DELETE", integration, delete_integration),
        entry(store, "CreateRoute", "POST", routes, create_route),
        entry(store, "GetRoutes", "GET", routes, get_routes),
        entry(store, "GetRoute", "GET", route, get_route),
        entry(store, "UpdateRoute", "PATCH", route, update_route),
        entry(store, "DeleteRoute", "DELETE", route, delete_route),
    };
}

} // namespace nimbus::local
