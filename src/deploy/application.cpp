#include "deploy/application.h"

#include "aws/endpoints.h"
#include "base/error.h"
#include "deploy/bucket.h"
#include "deploy/world.h"
#include "manifest/names.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

constexpr std::size_t longest_role_name = 64;

std::vector<std::string> sorted(std::vector<std::string> names)
{
    std::ranges::sort(names);
    return names;
}

template <class Thing>
const Thing& named(const std::vector<Thing>& things, const std::string& name, const char* what)
{
    const auto found = std::ranges::find(things, name, &Thing::name);
    if (found == things.end())
        throw Error("The manifest has no " + std::string(what) + " '" + name + "'");
    return *found;
}

} // namespace

std::string key_of(std::string_view type, std::string_view name)
{
    return std::string(type) + ' ' + std::string(name);
}

std::string api_key(const manifest::Api& api)
{
    return key_of("api", api.name);
}

std::string artifact_key(const Artifact& artifact)
{
    return key_of("artifact", artifact.sha256.substr(0, 12));
}

std::string cluster_name(const manifest::Sql& sql)
{
    return sql.cluster ? "shared/" + *sql.cluster : sql.name;
}

std::string cluster_key(const manifest::Sql& sql)
{
    return key_of("cluster", cluster_name(sql));
}

std::string function_key(const manifest::Function& function)
{
    return key_of("function", function.name);
}

std::string log_group_key(const manifest::Function& function)
{
    return key_of("log-group", function.name);
}

std::string role_name(const Application& application, const manifest::Function& function)
{
    std::vector<std::string> all;
    for (const auto& sql : application.manifest.sql)
        all.push_back(sql.name);
    const auto used = sorted(function.uses);
    if (used == sorted(all))
        return "functions";
    if (used.empty())
        return "functions-without-sql";
    std::string name = "functions-with";
    for (const auto& sql : used)
        name += '-' + sql;
    return name;
}

std::string role_key(const Application& application, const manifest::Function& function)
{
    return key_of("role", role_name(application, function));
}

std::string schema_key(const manifest::Sql& sql)
{
    return key_of("schema", cluster_name(sql) + '/' + sql.schema);
}

std::string log_group_of(const std::string& lambda_function_name)
{
    return "/aws/lambda/" + lambda_function_name;
}

std::string iam_role_name(const Application& application, const manifest::Function& function)
{
    return manifest::resource_name(application.manifest, role_name(application, function),
                                   longest_role_name);
}

std::string arn_of(const Target& target, std::string_view service, std::string_view resource)
{
    return "arn:" + aws::partition_of(target.region) + ':' + std::string(service) + ':' +
           target.region + ':' + target.account_id + ':' + std::string(resource);
}

std::string iam_role_arn(const Application& application, const manifest::Function& function)
{
    const auto& target = application.target;
    return "arn:" + aws::partition_of(target.region) + ":iam::" + target.account_id + ":role/" +
           iam_role_name(application, function);
}

std::string artifact_object_key(const Application& application)
{
    return object_key(application.deployment(), "code/" + application.artifact.sha256 + ".zip");
}

std::string route_key(const manifest::Route& route)
{
    return route.path == "$default" ? route.path : route.method + ' ' + route.path;
}

json::object tags_input(const Application& application, std::string_view type,
                        std::string_view name)
{
    return {{project_tag, application.manifest.project},
            {stage_tag, application.manifest.stage},
            {resource_tag, std::string(type) + '/' + std::string(name)}};
}

const manifest::Function& function_named(const manifest::Manifest& manifest,
                                         const std::string& name)
{
    return named(manifest.functions, name, "function");
}

const manifest::Sql& sql_named(const manifest::Manifest& manifest, const std::string& name)
{
    return named(manifest.sql, name, "database");
}

} // namespace nimbus::deploy
