#include "app_state.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "declaration.h"
#include "local_invocation.h"
#include "route_path.h"
#include "serve.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nimbus/app.hpp>

namespace nimbus {

namespace {

std::optional<std::string> variable(const char* name)
{
    const char* value = std::getenv(name);
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

bool is_taken(const detail::app_state& state, std::string_view function)
{
    return std::ranges::any_of(state.apis, [&](const auto& api) {
        return std::ranges::any_of(api.routes,
                                   [&](const auto& route) { return route.function == function; });
    });
}

std::string unique_function_name(const detail::app_state& state, std::string_view method,
                                 std::string_view path)
{
    const auto base = function_name(method, path);
    auto name = base;
    for (int suffix = 2; is_taken(state, name); ++suffix)
        name = base + '-' + std::to_string(suffix);
    return name;
}

int describe(const detail::app_state& state, const std::string& path)
{
    try {
        write_file(path + ".places", pretty_json(places_of(state)));
        write_file(path, pretty_json(manifest_of(state)));
        return 0;
    } catch (const Error& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}

int explain(const detail::app_state& state)
{
    std::size_t routes = 0;
    for (const auto& api : state.apis)
        routes += api.routes.size();
    std::fprintf(stderr,
                 "This is the Nimbus application \"%s\" with %zu route%s. It runs as AWS Lambda "
                 "functions, not by itself.\nDeploy it from its source directory with:  nimbus "
                 "deploy\n",
                 state.options.project_name.c_str(), routes, routes == 1 ? "" : "s");
    return 2;
}

} // namespace

app::app(app_options options, std::source_location declared)
    : state_(std::make_shared<detail::app_state>())
{
    state_->options = std::move(options);
    state_->place = declared;
}

sql::database app::sql(sql_options options, std::source_location declared)
{
    auto link = std::make_shared<sql::detail::link>(
        [name = options.name] { return sql::detail::settings_from_environment(name); });
    state_->sql.push_back({std::move(options), declared, link});
    return sql::database(std::move(link));
}

nimbus::api app::api(api_options options, std::source_location declared)
{
    state_->apis.push_back({std::move(options), declared, {}});
    return nimbus::api(state_, state_->apis.size() - 1);
}

void app::on_error(std::function<response(const std::exception&, const request&)> handler)
{
    state_->error_handler = std::move(handler);
}

int app::run(int, char**)
{
    if (const auto path = variable("NIMBUS_MANIFEST_OUT"))
        return describe(*state_, *path);
    const auto runtime_api = variable("AWS_LAMBDA_RUNTIME_API");
    const auto handler = variable("_HANDLER");
    if (runtime_api && handler)
        return serve(*state_, *runtime_api, *handler);
    return explain(*state_);
}

response app::invoke(std::string_view method, std::string_view path_and_query,
                     const invoke_options& options) const
{
    return invoke_locally(*state_, std::nullopt, method, path_and_query, options);
}

response api::invoke(std::string_view method, std::string_view path_and_query,
                     const invoke_options& options) const
{
    return invoke_locally(*state_, index_, method, path_and_query, options);
}

void api::add_route(std::string_view method, std::string_view path,
                    detail::handler_function handler, function_options options,
                    std::source_location declared)
{
    auto function = unique_function_name(*state_, method, path);
    state_->apis[index_].routes.push_back({std::string(method), std::string(path),
                                           std::move(function), std::move(handler),
                                           std::move(options), declared});
}

} // namespace nimbus
