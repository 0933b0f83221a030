#include "manifest/check.h"

#include "base/json.h"
#include "base/text.h"
#include "manifest/grammar.h"
#include "manifest/names.h"
#include "routes/route_path.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace nimbus::manifest {
namespace {

/// Lambda's limit for all variables of a function together, measured as JSON text.
constexpr std::size_t most_environment_bytes = 4096;

template <class Items>
void check_unique_names(const Items& items, std::string_view list, Problems& problems)
{
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].name.empty())
            continue;
        const auto [earlier, is_new] = seen.emplace(items[i].name, i);
        if (!is_new)
            problems.add(indexed(list, i) + ".name",
                         "must not be " + quoted(items[i].name) +
                             " again: " + indexed(list, earlier->second) + " has that name");
    }
}

template <class Items>
std::vector<std::string_view> names_of(const Items& items)
{
    std::vector<std::string_view> names;
    for (const auto& item : items)
        names.push_back(item.name);
    return names;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

void check_schemas(const Manifest& manifest, Problems& problems)
{
    std::map<std::pair<std::string, std::string>, std::size_t> seen; // cluster, schema
    for (std::size_t i = 0; i < manifest.sql.size(); ++i) {
        const auto& sql = manifest.sql[i];
        const auto path = indexed("sql", i) + ".schema";
        if (is_reserved_schema(sql.schema))
            problems.add(path, "must not be " + quoted(sql.schema) +
                                   ", which belongs to the database system");
        if (!sql.cluster || sql.schema.empty())
            continue;
        const auto [earlier, is_new] = seen.emplace(std::pair(*sql.cluster, sql.schema), i);
        if (!is_new)
            problems.add(path, "must not be " + quoted(sql.schema) +
                                   " again: " + indexed("sql", earlier->second) +
                                   " has that schema in cluster " + quoted(*sql.cluster));
    }
}

void check_routes(const Api& api, const std::string& path, Problems& problems)
{
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < api.routes.size(); ++i) {
        const auto& route = api.routes[i];
        const auto route_path = indexed(path + ".routes", i);
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

void check_route_functions(const Manifest& manifest, Problems& problems)
{
    const auto functions = names_of(manifest.functions);
    if (problems.has("functions") || contains(functions, ""))
        return; // whether a name is missing cannot be told
    for (std::size_t i = 0; i < manifest.apis.size(); ++i)
        for (std::size_t j = 0; j < manifest.apis[i].routes.size(); ++j) {
            const auto& name = manifest.apis[i].routes[j].function;
            if (!name.empty() && !contains(functions, name))
                problems.add(indexed(indexed("apis", i) + ".routes", j) + ".function",
                             "must name one of functions: there is no " + quoted(name) +
                                 suggestion(name, functions));
        }
}

void check_uses(const Manifest& manifest, const Function& function, const std::string& path,
                Problems& problems)
{
    const auto databases = names_of(manifest.sql);
    if (problems.has("sql") || contains(databases, ""))
        return;
    for (std::size_t i = 0; i < function.uses.size(); ++i) {
        const auto& name = function.uses[i];
        const auto use_path = indexed(path + ".uses", i);
        const auto before = function.uses.begin() + static_cast<std::ptrdiff_t>(i);
        if (name.empty())
            continue;
        if (!contains(databases, name))
            problems.add(use_path, "must name one of sql: there is no " + quoted(name) +
                                       suggestion(name, databases));
        else if (std::find(function.uses.begin(), before, name) != before)
            problems.add(use_path, "must not be " + quoted(name) + " again");
    }
}

/// The databases' variables with values as long as real ones.
std::map<std::string, std::string> database_variables(const Manifest& manifest,
                                                      const Function& function)
{
    std::map<std::string, std::string> variables;
    const std::string identifier(26, 'x');
    const SqlLocation location{identifier + ".dsql." + manifest.region + ".on.aws", identifier,
                               "arn:aws:dsql:" + manifest.region + ":123456789012:cluster/" +
                                   identifier};
    for (const auto& sql : manifest.sql)
        if (std::ranges::find(function.uses, sql.name) != function.uses.end())
            variables.merge(sql_environment(sql, location));
    return variables;
}

void check_environment(const Manifest& manifest, const Function& function, const std::string& path,
                       Problems& problems)
{
    auto variables = database_variables(manifest, function);
    for (const auto& [name, value] : function.environment) {
        const auto variable_path = member_path(path + ".environment", name);
        if (is_reserved_variable(name))
            problems.add(variable_path, "is reserved: Lambda sets it, or Nimbus itself; choose "
                                        "another name than " +
                                            name);
        else if (!variable_name_rule.holds(name))
            problems.add(variable_path,
                         "must have for its name " + std::string(variable_name_rule.allowed));
        else if (variables.contains(name))
            problems.add(variable_path, "is set for the database already; choose another name");
        if (value.find('\0') != std::string::npos)
            problems.add(variable_path, "must not hold a NUL character");
    }
    variables.insert(function.environment.begin(), function.environment.end());
    json::object measured;
    for (const auto& [name, value] : variables)
        measured[name] = value;
    if (const auto size = json::serialize(measured).size(); size > most_environment_bytes)
        problems.add(path + ".environment",
                     "takes " + std::to_string(size) +
                         " bytes as JSON, the variables of its databases included; Lambda allows " +
                         std::to_string(most_environment_bytes) + " (4 KB)");
}

} // namespace

void check_relations(const Manifest& manifest, Problems& problems)
{
    check_unique_names(manifest.sql, "sql", problems);
    check_unique_names(manifest.apis, "apis", problems);
    check_unique_names(manifest.functions, "functions", problems);
    check_schemas(manifest, problems);
    for (std::size_t i = 0; i < manifest.apis.size(); ++i)
        check_routes(manifest.apis[i], indexed("apis", i), problems);
    check_route_functions(manifest, problems);
    for (std::size_t i = 0; i < manifest.functions.size(); ++i) {
        check_uses(manifest, manifest.functions[i], indexed("functions", i), problems);
        check_environment(manifest, manifest.functions[i], indexed("functions", i), problems);
    }
}

} // namespace nimbus::manifest
