#include "deploy/kinds/api/kind.h"

#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/api/deployer.h"
#include "deploy/kinds/api/extras.h"
#include "deploy/kinds/api/gateway_reads.h"
#include "deploy/kinds/api/integration.h"
#include "deploy/kinds/api/limits.h"
#include "deploy/kinds/api/output.h"
#include "deploy/kinds/api/route.h"
#include "deploy/kinds/api/sample_event.h"
#include "deploy/kinds/api/stage.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace nimbus::deploy::api {
namespace {

/// In the ARN that API Gateway invokes with: any stage, any method and path.
constexpr std::string_view any_route = "*/*";

std::vector<Node> declare(const Application& application)
{
    auto nodes = api_nodes(application);
    for (auto part : {integration_nodes, route_nodes, stage_nodes})
        std::ranges::move(part(application), std::back_inserter(nodes));
    return nodes;
}

/// The path of the ARN that API Gateway invokes with: any stage, one method and path; `*` for what
/// varies. Source: API Gateway Developer Guide, "Control access to invoke"; Lambda's guide on HTTP
/// APIs.
std::string source_path(const Route& route)
{
    if (route.path == "$default")
        return "*/$default";
    std::string path = route.method == "ANY" ? "*/*" : "*/" + route.method;
    bool in_parameter = false;
    for (const char c : route.path) {
        if (c == '{')
            path += '*';
        in_parameter = c == '{' || (in_parameter && c != '}');
        if (!in_parameter && c != '}')
            path += c;
    }
    return path;
}

std::vector<EventSource> event_sources(const Application& application)
{
    std::vector<EventSource> sources;
    for (const auto& api : application.manifest.declared.of<Api>()) {
        const auto api_id = output_of<HttpApi>(api.name, &HttpApiOutputs::api_id);
        const Callers callers(api);
        std::set<std::string> named;
        for (const auto& route : api.routes) {
            const auto name = callers.name(route);
            if (!named.insert(name + ' ' + route.function).second)
                continue;
            const auto path = name == api.name ? std::string(any_route) : source_path(route);
            sources.push_back(
                {.function = route.function,
                 .name = name,
                 .permission = EventSource::Permission{
                     .principal = "apigateway.amazonaws.com",
                     .source_arn = arn_of(application.target, "execute-api", api_id + '/' + path),
                     .depends_on = {key_of<HttpApi>(api.name)}}});
        }
    }
    return sources;
}

std::vector<json::object> outputs(const Application& application, const State& state)
{
    std::vector<json::object> all;
    for (const auto& api : application.manifest.declared.of<Api>()) {
        const auto known = outputs_in<HttpApi>(state, api.name);
        ApiOutput output{.name = api.name,
                         .id = known.api_id,
                         .url = known.endpoint + path_prefix(api.stage),
                         .routes = {}};
        for (const auto& route : api.routes)
            output.routes.push_back(
                {.method = route.method, .path = route.path, .function = route.function});
        all.push_back(described::to_json(output));
    }
    return all;
}

std::string describe(const Output& output)
{
    const auto api = described::from_json<ApiOutput>(output.members, output.name);
    auto text = fmt::format("  API       {}  {}\n", api.name, api.url);
    std::size_t method_width = 0;
    for (const auto& route : api.routes)
        method_width = std::max(method_width, route.method.size());
    for (const auto& route : api.routes)
        text += fmt::format("            {:<{}}  {}\n", route.method, method_width, route.path);
    return text;
}

std::optional<json::object> event_for(const Output& output, const std::string& function)
{
    const auto api = described::from_json<ApiOutput>(output.members, output.name);
    const auto route = std::ranges::find(api.routes, function, &RouteOutput::function);
    if (route == api.routes.end())
        return {};
    return sample_event(api, *route);
}

std::vector<std::string> strays(World& world, Reads& reads)
{
    std::vector<std::string> found;
    for (const auto& api : reads.of<GatewayReads>().apis())
        if (world.owns(api.tags))
            found.push_back("the API " + api.name + " (" + api.api_id + ")");
    return found;
}

} // namespace

Kind kind()
{
    return {.name = kind_name,
            .list = "apis",
            .id_member = "id",
            .is_always_listed = true,
            .section = section(),
            .types = {resource_type<HttpApi>(), resource_type<IntegrationResource>(),
                      resource_type<RouteResource>(), resource_type<Stage>()},
            .declare = declare,
            .event_sources = event_sources,
            .outputs = outputs,
            .check_output = check_output<ApiOutput>,
            .describe = describe,
            .sample_event = event_for,
            .limits = limits,
            .deployer_statements = deployer_statements,
            .strays = strays,
            .extras = extras};
}

} // namespace nimbus::deploy::api
