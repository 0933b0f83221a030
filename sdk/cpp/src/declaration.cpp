#include "declaration.h"

#include "base/text.h"

#include <string_view>

namespace nimbus {

namespace {

#if defined(__aarch64__)
constexpr std::string_view architecture = "arm64";
#else
constexpr std::string_view architecture = "x86_64";
#endif

std::string text_of(const std::source_location& place)
{
    return std::string(place.file_name()) + ':' + std::to_string(place.line()) + ':' +
           std::to_string(place.column());
}

} // namespace

json::object manifest_of(const detail::app_state& state)
{
    json::object manifest{
        {"version", 1}, {"project", state.options.project_name}, {"region", state.options.region}};
    if (!state.options.stage.empty())
        manifest.emplace("stage", state.options.stage);
    manifest.emplace("runtime", "provided.al2023");
    manifest.emplace("architecture", architecture);

    json::array databases;
    for (const auto& [options, place, link] : state.sql) {
        json::object database{{"name", options.name},
                              {"schema", options.schema},
                              {"deletionProtection", options.deletion_protection}};
        if (!options.cluster.empty())
            database.emplace("cluster", options.cluster);
        databases.push_back(std::move(database));
    }

    json::array apis;
    json::array functions;
    for (const auto& api : state.apis) {
        json::array routes;
        for (const auto& route : api.routes) {
            routes.push_back(
                {{"method", route.method}, {"path", route.path}, {"function", route.function}});
            json::object function{{"name", route.function},
                                  {"memory", route.options.memory},
                                  {"timeout", route.options.timeout},
                                  {"environment", to_json(route.options.environment)}};
            if (route.options.uses)
                function.emplace("uses", to_json(*route.options.uses));
            functions.push_back(std::move(function));
        }
        json::object declared{{"name", api.options.name}};
        if (!api.options.stage.empty())
            declared.emplace("stage", api.options.stage);
        declared.emplace("routes", std::move(routes));
        apis.push_back(std::move(declared));
    }
    manifest.emplace("sql", std::move(databases));
    manifest.emplace("apis", std::move(apis));
    manifest.emplace("functions", std::move(functions));
    return manifest;
}

json::object places_of(const detail::app_state& state)
{
    json::object places{{"", text_of(state.place)}};
    for (std::size_t i = 0; i < state.sql.size(); ++i)
        places.emplace(indexed("sql", i), text_of(state.sql[i].place));
    std::size_t functions = 0;
    for (std::size_t i = 0; i < state.apis.size(); ++i) {
        const auto api = indexed("apis", i);
        places.emplace(api, text_of(state.apis[i].place));
        const auto& routes = state.apis[i].routes;
        for (std::size_t j = 0; j < routes.size(); ++j) {
            places.emplace(indexed(api + ".routes", j), text_of(routes[j].place));
            places.emplace(indexed("functions", functions++), text_of(routes[j].place));
        }
    }
    return places;
}

} // namespace nimbus
