#include "cli/outputs.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>

namespace nimbus::cli {
namespace {

json::array routes_of(const deploy::Outputs::Api& api)
{
    json::array routes;
    for (const auto& route : api.routes)
        routes.push_back(json::object{
            {"method", route.method}, {"path", route.path}, {"function", route.function}});
    return routes;
}

} // namespace

json::object to_json(const deploy::Outputs& outputs, const std::string& target)
{
    json::array apis, sql, functions;
    for (const auto& api : outputs.apis)
        apis.push_back(json::object{
            {"name", api.name}, {"id", api.id}, {"url", api.url}, {"routes", routes_of(api)}});
    for (const auto& database : outputs.sql)
        sql.push_back(json::object{{"name", database.name},
                                   {"identifier", database.identifier},
                                   {"endpoint", database.endpoint},
                                   {"port", database.port},
                                   {"arn", database.arn},
                                   {"schema", database.schema},
                                   {"dbRole", database.db_role}});
    for (const auto& function : outputs.functions)
        functions.push_back(json::object{
            {"name", function.name}, {"arn", function.arn}, {"logGroup", function.log_group}});
    return {{"project", outputs.deployment.project},
            {"stage", outputs.deployment.stage},
            {"region", outputs.deployment.region},
            {"target", target},
            {"apis", std::move(apis)},
            {"sql", std::move(sql)},
            {"functions", std::move(functions)}};
}

json::object to_json(const deploy::Changes& changes)
{
    return {{"created", changes.created},
            {"updated", changes.updated},
            {"deleted", changes.deleted},
            {"unchanged", changes.unchanged}};
}

std::string describe(const deploy::Outputs& outputs, const std::string& target)
{
    std::string text;
    auto out = std::back_inserter(text);
    fmt::format_to(out, "{} (stage {}) on {}, {}\n", outputs.deployment.project,
                   outputs.deployment.stage, target, outputs.deployment.region);
    std::size_t method_width = 0;
    for (const auto& api : outputs.apis)
        for (const auto& route : api.routes)
            method_width = std::max(method_width, route.method.size());
    for (const auto& api : outputs.apis) {
        fmt::format_to(out, "\n  API       {}  {}\n", api.name, api.url);
        for (const auto& route : api.routes)
            fmt::format_to(out, "            {:<{}}  {}\n", route.method, method_width, route.path);
    }
    for (const auto& database : outputs.sql)
        fmt::format_to(out, "\n  Database  {}  {}:{}\n            cluster {}, schema {}, role {}\n",
                       database.name, database.endpoint, database.port, database.identifier,
                       database.schema, database.db_role);
    return text;
}

std::string describe(const deploy::Changes& changes)
{
    const std::array counts{
        std::pair{changes.created, "created"}, std::pair{changes.updated, "updated"},
        std::pair{changes.deleted, "deleted"}, std::pair{changes.unchanged, "unchanged"}};
    std::vector<std::string> parts;
    for (const auto& [count, word] : counts)
        if (count > 0)
            parts.push_back(fmt::format("{} {}", count, word));
    return parts.empty() ? "nothing" : join(parts, ", ");
}

void print_json(const json::object& document)
{
    std::cout << pretty_json(document);
}

} // namespace nimbus::cli
