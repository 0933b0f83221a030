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

constexpr std::string_view payload_format = "1.0";

/// The one that is recorded, else the one that says that it is this one, else one that calls the
/// function; of several, always the same one.
const gateway::Integration* locate(GatewayReads& reads, const IntegrationResource::Subject& subject)
{
    const auto& api_id = subject.parent->api_id;
    const auto& known = subject.outputs;
    if (const auto* recorded = reads.find_integration(api_id, known.integration_id))
        return recorded;
    const auto find = [&](auto is_wanted) {
        const gateway::Integration* found = nullptr;
        for (const auto& one : reads.integrations(api_id))
            if (is_wanted(one) && (found == nullptr || one.integration_id < found->integration_id))
                found = &one;
        return found;
    };
    if (const auto* one = find([&](const auto& i) { return i.description == subject.name; }))
        return one;
    return find([&](const auto& i) { return i.integration_uri == known.function; });
}

} // namespace

std::string integration_name(const Api& api, const std::string& function)
{
    return api.name + ' ' + function;
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
                           .function = arn,
                           .payload_format = std::string(payload_format)},
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
        .inputs = {.api_id = api_id,
                   .function = found->integration_uri,
                   .payload_format = found->payload_format_version},
        .outputs = {.integration_id = found->integration_id, .function = subject.outputs.function}};
}

IntegrationOutputs IntegrationResource::create(World& world, const Subject& subject,
                                               const Inputs& inputs)
{
    const auto made =
        world.call(gateway::CreateIntegration{.api_id = inputs.api_id,
                                              .integration_uri = inputs.function,
                                              .payload_format_version = inputs.payload_format,
                                              .description = subject.name});
    return {.integration_id = made.integration_id, .function = inputs.function};
}

IntegrationOutputs IntegrationResource::update(World& world, const Subject& subject,
                                               const Inputs& inputs, const Observed& observed)
{
    world.call(gateway::UpdateIntegration{.api_id = inputs.api_id,
                                          .integration_id = observed.outputs.integration_id,
                                          .integration_uri = inputs.function,
                                          .payload_format_version = inputs.payload_format,
                                          .description = subject.name});
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
