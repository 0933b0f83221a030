#include "deploy/kinds/api/declaration.h"

#include "base/text.h"
#include "manifest/check.h"
#include "routes/route_path.h"

#include <algorithm>
#include <map>

namespace nimbus::deploy::api {
namespace {

using manifest::Manifest;
using manifest::ObjectReader;
using manifest::Problems;

constexpr std::string_view list = "apis";

const manifest::TextRule method_rule{[](std::string_view text) {
                                         return std::ranges::find(routes::methods, text) !=
                                                routes::methods.end();
                                     },
                                     "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS or ANY"};

const manifest::TextRule api_stage_rule{
    [](std::string_view text) { return text == default_stage || manifest::stage_rule.holds(text); },
    "lower-case letters, digits and dashes, not beginning with a dash, at most 16 characters; or "
    "$default"};

Route read_route(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path, {"method", "path", "function"}, problems);
    Route route;
    route.method = reader.required_text("method", method_rule,
                                        {routes::methods.begin(), routes::methods.end()});
    route.path = routes::normalized(reader.required_text("path", [](std::string_view text) {
        return routes::path_mistake(routes::normalized(text));
    }));
    route.function = reader.required_text("function", manifest::function_name_rule);
    return route;
}

Api read_api(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path, {"name", "description", "stage", "routes"}, problems);
    Api api;
    api.name = reader.required_text("name", manifest::name_rule);
    api.description = reader.text("description", manifest::description_rule).value_or("");
    api.stage = reader.text("stage", api_stage_rule).value_or("");
    reader.each("routes", [&](const json::value& route, const std::string& route_path) {
        api.routes.push_back(read_route(route, route_path, problems));
    });
    return api;
}

void read(ObjectReader& document, Manifest& manifest, Problems& problems)
{
    document.each(list, [&](const json::value& value, const std::string& path) {
        manifest.declared.of<Api>().push_back(read_api(value, path, problems));
    });
}

json::array write(const Manifest& manifest)
{
    json::array array;
    for (const auto& api : manifest.declared.of<Api>()) {
        json::array routes;
        for (const auto& route : api.routes)
            routes.push_back(json::object{
                {"method", route.method}, {"path", route.path}, {"function", route.function}});
        array.push_back(json::object{{"name", api.name},
                                     {"description", api.description},
                                     {"stage", api.stage},
                                     {"routes", std::move(routes)}});
    }
    return array;
}

void check_routes(const manifest::FunctionNames& functions, const Api& api, const std::string& path,
                  Problems& problems)
{
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < api.routes.size(); ++i) {
        const auto& route = api.routes[i];
        const auto route_path = indexed(path + ".routes", i);
        functions.require(route.function, route_path + ".function", problems);
        if (!method_rule.holds(route.method) || !routes::path_mistake(route.path).empty())
            continue;
        if (route.path == "$default" && route.method != "ANY")
            problems.add(route_path + ".method",
                         "must be ANY, because $default takes every method");
        const auto [found, is_new] =
            seen.emplace(route.method + ' ' + routes::path_shape(route.path), i);
        if (is_new)
            continue;
        const auto& earlier = api.routes[found->second];
        const auto key = route.method + ' ' + route.path;
        const auto where = indexed(path + ".routes", found->second);
        if (earlier.path == route.path)
            problems.add(route_path, "must not be " + key + " again: " + where + " is that route");
        else
            problems.add(route_path, key + " matches the same requests as " + earlier.method + ' ' +
                                         earlier.path + " (" + where + ")");
    }
}

void check(const Manifest& manifest, Problems& problems)
{
    const auto& apis = manifest.declared.of<Api>();
    manifest::check_unique_names(apis, list, problems);
    const manifest::FunctionNames functions(manifest, problems);
    for (std::size_t i = 0; i < apis.size(); ++i)
        check_routes(functions, apis[i], indexed(list, i), problems);
}

/// Of the first that has one with a name of its own.
std::string stage(const Manifest& manifest)
{
    for (const auto& api : manifest.declared.of<Api>())
        if (!api.stage.empty() && api.stage != default_stage)
            return api.stage;
    return {};
}

void complete(Manifest& manifest)
{
    for (auto& api : manifest.declared.of<Api>())
        if (api.stage.empty())
            api.stage = manifest.stage;
}

/// Each stage of the application has an API of its own, so that $default stays what it is.
void move_to_stage(Manifest& manifest)
{
    for (auto& api : manifest.declared.of<Api>())
        if (api.stage != default_stage)
            api.stage = manifest.stage;
}

} // namespace

manifest::Section section()
{
    return {.name = list,
            .read = read,
            .write = write,
            .check = check,
            .stage = stage,
            .complete = complete,
            .move_to_stage = move_to_stage};
}

std::string path_prefix(const std::string& stage)
{
    return stage == default_stage ? "" : '/' + stage;
}

std::string route_key(const Route& route)
{
    return route.path == "$default" ? route.path : route.method + ' ' + route.path;
}

} // namespace nimbus::deploy::api
