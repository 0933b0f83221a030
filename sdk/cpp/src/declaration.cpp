#include "declaration.h"

#include "route_path.h"
#include "routes/route_path.h"

#include <algorithm>
#include <map>
#include <set>

namespace nimbus {

namespace {

#if defined(__aarch64__)
constexpr std::string_view architecture = "arm64";
#else
constexpr std::string_view architecture = "x86_64";
#endif

bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_name(std::string_view text, std::size_t max)
{
    return !text.empty() && text.size() <= max && is_lower(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_stage(std::string_view text)
{
    return text.size() <= 16 && (is_lower(text.front()) || is_digit(text.front())) &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_schema(std::string_view text)
{
    return !text.empty() && text.size() <= 55 && (is_lower(text.front()) || text.front() == '_') &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_reserved_schema(std::string_view text)
{
    return text.starts_with("pg_") || text == "information_schema" || text == "public" ||
           text == "sys";
}

std::string quoted(std::string_view text)
{
    return '"' + std::string(text) + '"';
}

/// Collects sentences "<subject>: <what is wrong>".
class Findings {
public:
    void add(std::string_view subject, std::string_view mistake)
    {
        sentences_.push_back(std::string(subject) + ": " + std::string(mistake));
    }
    void check_name(std::string_view subject, std::string_view name)
    {
        if (!is_name(name, 32))
            add(subject, "the name " + quoted(name) +
                             " must begin with a lower-case letter and hold lower-case letters, "
                             "digits and dashes only, at most 32");
    }
    void check_stage(std::string_view subject, std::string_view stage)
    {
        if (!stage.empty() && !is_stage(stage))
            add(subject, "the stage " + quoted(stage) +
                             " must hold lower-case letters, digits and dashes only, at most 16");
    }
    std::vector<std::string> take() { return std::move(sentences_); }

private:
    std::vector<std::string> sentences_;
};

void check_sql(const detail::app_state& state, Findings& findings)
{
    std::set<std::string_view> names;
    for (const auto& [options, link] : state.sql) {
        const auto subject = "SQL database " + quoted(options.name);
        findings.check_name(subject, options.name);
        if (!options.cluster.empty())
            findings.check_name(subject + ", cluster", options.cluster);
        if (!names.insert(options.name).second)
            findings.add(subject, "is declared twice");
        if (!is_schema(options.schema))
            findings.add(subject, "the schema " + quoted(options.schema) +
                                      " must begin with a lower-case letter or '_' and hold "
                                      "lower-case letters, digits and '_' only, at most 55");
        else if (is_reserved_schema(options.schema))
            findings.add(subject, "the schema " + quoted(options.schema) +
                                      " belongs to the database system; choose another name");
    }
}

void check_function(const detail::app_state& state, const std::string& subject,
                    const function_options& options, Findings& findings)
{
    if (options.memory < 128 || options.memory > 10'240)
        findings.add(subject, "memory must be 128 to 10240 megabytes, not " +
                                  std::to_string(options.memory));
    if (options.timeout < 1 || options.timeout > 900)
        findings.add(subject,
                     "timeout must be 1 to 900 seconds, not " + std::to_string(options.timeout));
    for (const auto& name : options.uses.value_or(std::vector<std::string>()))
        if (std::ranges::none_of(state.sql,
                                 [&](const auto& each) { return each.options.name == name; }))
            findings.add(subject, "uses " + quoted(name) + ", which is not a SQL database here");
}

void check_routes(const detail::app_state& state, const detail::api_declaration& api,
                  Findings& findings)
{
    std::map<std::string, std::string> seen;
    for (const auto& route : api.routes) {
        const auto key = route.method + ' ' + route.path;
        const auto subject = "API " + quoted(api.options.name) + ", route " + quoted(key);
        if (const auto mistake = method_mistake(route.method); !mistake.empty())
            findings.add(subject, mistake);
        if (const auto mistake = routes::path_mistake(route.path); !mistake.empty())
            findings.add(subject, "the path " + mistake);
        else if (route.path == routes::default_path && route.method != "ANY")
            findings.add(subject, "$default takes every method: declare it with ANY");
        const auto [earlier, is_new] =
            seen.emplace(route.method + ' ' + routes::path_shape(route.path), key);
        if (!is_new)
            findings.add(subject, earlier->second == key
                                      ? "is declared twice"
                                      : "is the same route as " + quoted(earlier->second));
        check_function(state, subject, route.options, findings);
    }
}

} // namespace

std::vector<std::string> mistakes_in(const detail::app_state& state)
{
    Findings findings;
    findings.check_name("the application", state.options.project_name);
    findings.check_stage("the application", state.options.stage);
    if (state.options.region.empty())
        findings.add("the application", "the region is missing, such as us-east-1");
    check_sql(state, findings);
    std::set<std::string_view> names;
    for (const auto& api : state.apis) {
        const auto subject = "API " + quoted(api.options.name);
        findings.check_name(subject, api.options.name);
        findings.check_stage(subject, api.options.stage);
        if (!names.insert(api.options.name).second)
            findings.add(subject, "is declared twice");
        check_routes(state, api, findings);
    }
    return findings.take();
}

json::object manifest_of(const detail::app_state& state)
{
    json::object manifest{
        {"version", 1}, {"project", state.options.project_name}, {"region", state.options.region}};
    if (!state.options.stage.empty())
        manifest.emplace("stage", state.options.stage);
    manifest.emplace("runtime", "provided.al2023");
    manifest.emplace("architecture", architecture);

    json::array databases;
    for (const auto& [options, link] : state.sql) {
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

} // namespace nimbus
