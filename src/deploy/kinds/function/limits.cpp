#include "deploy/kinds/function/limits.h"

#include "deploy/kinds/function/permission.h"
#include "deploy/kinds/function/role.h"
#include "manifest/check.h"

#include <boost/json/serialize.hpp>

namespace nimbus::deploy::function {
namespace {

/// IAM User Guide, "IAM and AWS STS quotas": all inline policies of a role together. White space
/// does not count, and there is none in ours.
constexpr std::size_t most_role_policy_characters = 10'240;
/// Lambda Developer Guide, "Lambda quotas": the resource-based policy of a function, 20 KB.
constexpr std::size_t most_resource_policy_bytes = 20'480;
/// Lambda API Reference, CreateFunction: Handler.
constexpr std::size_t longest_handler = 128;

using Functions = std::vector<ExpectedOf<Function>>;

void add_roles(const ExpectedGraph& graph, std::vector<Excess>& found)
{
    for (const auto& role : graph.of<Role>())
        if (const auto size = json::serialize(role.inputs.policy).size();
            size > most_role_policy_characters)
            found.push_back({.resource = role.key(),
                             .amount = size,
                             .what = "characters of policy",
                             .allowed = most_role_policy_characters,
                             .way_out = "Shorten what its functions have in \"uses\" and "
                                        "\"permissions\": name fewer things, or many with one "
                                        "pattern such as arn:aws:s3:::reports/*."});
}

/// The statement as Lambda writes it into a policy, with the comma behind it.
std::size_t bytes_of(const PermissionInputs& permission, const std::string& function_arn)
{
    const json::object statement{
        {"Sid", permission.statement_id.value_or("")},
        {"Effect", "Allow"},
        {"Principal", json::object{{"Service", permission.principal.value_or("")}}},
        {"Action", "lambda:InvokeFunction"},
        {"Resource", function_arn},
        {"Condition",
         json::object{{"ArnLike", json::object{{"AWS:SourceArn", permission.source_arn}}}}}};
    return json::serialize(statement).size() + 1;
}

void add_resource_policies(const ExpectedGraph& graph, const Functions& functions,
                           std::vector<Excess>& found)
{
    constexpr std::string_view frame = R"({"Version":"2012-10-17","Id":"default","Statement":[]})";
    std::map<std::string, std::string> arns; // by key
    for (const auto& function : functions)
        arns.emplace(function.key(), function.identity.arn);
    std::map<std::string, std::size_t> sizes; // by key
    for (const auto& permission : graph.of<Permission>())
        sizes
            .try_emplace(permission.parent, frame.size() - 1) // no comma after the last statement
            .first->second += bytes_of(permission.inputs, arns.at(permission.parent));
    for (const auto& [key, size] : sizes)
        if (size > most_resource_policy_bytes)
            found.push_back({.resource = key,
                             .amount = size,
                             .what = "bytes of resource policy, where each of its callers has a "
                                     "statement",
                             .allowed = most_resource_policy_bytes,
                             .way_out = "Let fewer things call it: all routes of an API that share "
                                        "a function need one statement together."});
}

/// The manifest's check knows the program's stage; names in another one may be longer.
void add_environments(const Functions& functions, std::vector<Excess>& found)
{
    for (const auto& function : functions)
        if (const auto size = manifest::environment_bytes(function.inputs.environment);
            size > manifest::most_environment_bytes)
            found.push_back({.resource = function.key(),
                             .amount = size,
                             .what = "bytes of environment as JSON, with the variables of what it "
                                     "uses",
                             .allowed = manifest::most_environment_bytes,
                             .way_out = "Shorten the function's \"environment\" or the stage's "
                                        "name, or let the function use fewer things."});
}

void add_handlers(const Functions& functions, std::vector<Excess>& found)
{
    for (const auto& function : functions)
        if (const auto size = function.inputs.handler.size(); size > longest_handler)
            found.push_back({.resource = function.key(),
                             .amount = size,
                             .what = "characters in its handler, " + function.inputs.handler,
                             .allowed = longest_handler,
                             .way_out = "Give the function a shorter name."});
}

} // namespace

std::vector<Excess> limits(const Application&, const ExpectedGraph& graph)
{
    std::vector<Excess> found;
    add_roles(graph, found);
    const auto functions = graph.of<Function>();
    add_resource_policies(graph, functions, found);
    add_environments(functions, found);
    add_handlers(functions, found);
    return found;
}

} // namespace nimbus::deploy::function
