#include "deploy/kinds/api/integration.h"

#include "aws/ops/apigatewayv2/integrations.h"
#include "deploy/application.h"
#include "deploy/kinds/api/gateway_reads.h"
#include "deploy/kinds/function/function.h"
#include "deploy/kinds/function/names.h"

#include <set>

namespace nimbus::deploy::api {
namespace {

namespace gateway = aws::apigatewayv2;

/// The one that is recorded, else the one that says that it is this one; of several, always the
/// same one.
const gateway::Integration* locate(GatewayReads& reads, const IntegrationResource::Subject& subject)
{
    const auto& api_id = subject.parent->api_id;
    if (const auto* recorded = reads.find_integration(api_id, subject.outputs.integration_id))
        return recorded;
    const gateway::Integration* found = nullptr;
    for (const auto& one : reads.integrations(api_id))
        if (one.description == subject.name &&
            (found == nullptr || one.integration_id < found->integration_id))
            found = &one;
    return found;
}

IntegrationSettings settings_of(const gateway::Integration& integration)
{
    return {.type = integration.integration_type,
            .method = integration.integration_method,
            .payload_format = integration.payload_format_version,
            .timeout = integration.timeout_milliseconds,
            .credentials = integration.credentials_arn,
            .request_parameters = keys_of(integration.request_parameters),
            .response_parameters = keys_of(integration.response_parameters)};
}

} // namespace

std::string integration_name(const Api& api, const std::string& function)
{
    return api.name + ' ' + function;
}

std::string integration_target(const std::string& integration_id)
{
    return "integrations/" + integration_id;
}

std::vector<Node> integration_nodes(const Application& application)
{
    const function::FunctionsByName functions(application.manifest);
    std::vector<Node> nodes;
    std::set<std::string> names;
    for (const auto& api : application.manifest.declared.of<Api>()) {
        const auto parent = key_of<HttpApi>(api.name);
        for (const auto& route : api.routes) {
            const auto name = integration_name(api, route.function);
            if (!names.insert(name).second)
                continue;
            const auto& called = functions.at(route.function);
            const auto arn = function::function_arn(application, called);
            NodeOf<IntegrationResource> node{
                .name = name,
                .identity = {.integration_id = {}, .function = arn},
                .inputs = {.api_id = output_of<HttpApi>(api.name, &HttpApiOutputs::api_id),
                           .function = arn},
                .depends_on = {parent},
                .works_with = {key_of<function::Function>(called.name)},
                .parent = parent};
            nodes.push_back(std::move(node).node());
        }
    }
    return nodes;
}

std::optional<IntegrationResource::Observed> IntegrationResource::read(World&, Reads& reads,
                                                                       const Subject& subject)
{
    if (!subject.parent)
        return {};
    const auto& api_id = subject.parent->api_id;
    const auto* found = locate(reads.of<GatewayReads>(), subject);
    if (found == nullptr)
        return {};
    return Observed{
        .inputs = {.api_id = api_id, .function = found->integration_uri},
        .outputs = {.integration_id = found->integration_id, .function = subject.outputs.function},
        .settings = settings_of(*found)};
}

IntegrationOutputs IntegrationResource::create(World& world, const Subject& subject,
                                               const Inputs& inputs)
{
    const Settings wanted;
    const auto made =
        world.call(gateway::CreateIntegration{.api_id = inputs.api_id,
                                              .integration_type = wanted.type,
                                              .integration_uri = inputs.function,
                                              .integration_method = wanted.method,
                                              .payload_format_version = wanted.payload_format,
                                              .timeout_milliseconds = wanted.timeout,
                                              .description = subject.name});
    return {.integration_id = made.integration_id, .function = inputs.function};
}

IntegrationOutputs IntegrationResource::update(World& world, const Subject& subject,
                                               const Inputs& inputs, const Observed& observed)
{
    const Settings wanted;
    const auto& present = observed.settings;
    gateway::UpdateIntegration update{
        .api_id = inputs.api_id,
        .integration_id = observed.outputs.integration_id,
        .integration_type = if_altered(present.type, wanted.type),
        .integration_uri = inputs.function,
        .integration_method = if_altered(present.method, wanted.method),
        .payload_format_version = wanted.payload_format,
        .timeout_milliseconds = if_altered(present.timeout, wanted.timeout),
        .description = subject.name,
        .credentials_arn = if_altered(present.credentials, wanted.credentials)};
    for (const auto& parameter : present.request_parameters)
        update.request_parameters[parameter]; // an empty value removes it
    for (const auto& status : present.response_parameters)
        update.response_parameters[status];
    world.call(update);
    return {.integration_id = observed.outputs.integration_id, .function = inputs.function};
}

void IntegrationResource::destroy(World& world, const Subject& subject)
{
    if (!subject.parent)
        return;
    const auto& api_id = subject.parent->api_id;
    Reads reads(world);
    if (const auto* found = locate(reads.of<GatewayReads>(), subject))
        world.find(
            gateway::DeleteIntegration{.api_id = api_id, .integration_id = found->integration_id});
}

} // namespace nimbus::deploy::api
