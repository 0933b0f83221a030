#include "aws/ops/lambda/permissions.h"
#include "crypto/digest.h"
#include "deploy/resources/catalog.h"
#include "manifest/names.h"

/// API Gateway's permission to invoke the function behind a route: a statement of the function's
/// resource policy with an id that stays the same, so that the policy does not grow.
namespace nimbus::deploy {
namespace {

/// The ARN that API Gateway invokes with: any stage, one method and path; `*` for what varies.
/// Source: API Gateway Developer Guide, "Control access to invoke"; Lambda's guide on HTTP APIs.
std::string source_path(const manifest::Route& route)
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

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.apis) {
        for (const auto& route : api.routes) {
            const auto& function = function_named(application.manifest, route.function);
            const auto function_name =
                manifest::lambda_function_name(application.manifest, function);
            const auto caller = api.name + ' ' + route_key(route);
            const auto name = function.name + " by " + caller;
            const auto statement_id = "nimbus-" + crypto::sha256_hex(caller).substr(0, 16);
            nodes.push_back(
                {.type = "permission",
                 .name = name,
                 .identity = {{"functionName", function_name}, {"statementId", statement_id}},
                 .inputs = {{"functionName", function_name},
                            {"statementId", statement_id},
                            {"sourceArn",
                             arn_of(application.target, "execute-api",
                                    output_of(api_key(api), "apiId") + '/' + source_path(route))}},
                 .depends_on = {function_key(function), api_key(api)},
                 .parent = function_key(function)});
        }
    }
    return nodes;
}

std::optional<Observed> read(World&, Reads& reads, const Subject& subject)
{
    const auto function_name = subject.output("functionName");
    const auto& statements = reads.permissions(function_name);
    const auto found = statements.find(subject.output("statementId"));
    if (found == statements.end())
        return {};
    return Observed{.inputs = {{"functionName", function_name}, {"sourceArn", found->second}}};
}

void destroy(World& world, const Subject& subject)
{
    world.find(aws::lambda::RemovePermission{.function_name = subject.output("functionName"),
                                             .statement_id = subject.output("statementId")});
}

json::object create(World& world, const Subject& subject, const json::object& inputs)
{
    const aws::lambda::AddPermission request{.function_name =
                                                 string_or_empty(inputs, "functionName"),
                                             .statement_id = string_or_empty(inputs, "statementId"),
                                             .principal = "apigateway.amazonaws.com",
                                             .source_arn = string_or_empty(inputs, "sourceArn")};
    try {
        world.call(request);
    } catch (const aws::ApiError& error) {
        if (!error.is("ResourceConflictException"))
            throw;
        destroy(world, subject);
        world.call(request);
    }
    return {};
}

json::object update(World& world, const Subject& subject, const json::object& inputs,
                    const Observed&)
{
    destroy(world, subject);
    return create(world, subject, inputs);
}

} // namespace

ResourceType permission_type()
{
    return {.name = "permission",
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
