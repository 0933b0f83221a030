#include "deploy/kinds/api/http_api.h"

#include "aws/endpoints.h"
#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/apigatewayv2/tags.h"
#include "deploy/application.h"
#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/api/gateway_reads.h"
#include "manifest/names.h"

namespace nimbus::deploy::api {
namespace {

namespace gateway = aws::apigatewayv2;

constexpr std::size_t longest_name = 128;

HttpApiOutputs outputs_of(const gateway::Api& api)
{
    return {.api_id = api.api_id, .endpoint = api.api_endpoint};
}

/// By its tags; of several, always the same one.
const gateway::Api* search(World& world, Reads& reads, const std::string& name)
{
    const auto wanted = tags_of(world.deployment(), HttpApi::name, name);
    const gateway::Api* found = nullptr;
    for (const auto& api : reads.of<GatewayReads>().apis())
        if (has_tags(api.tags, wanted) && (found == nullptr || api.api_id < found->api_id))
            found = &api;
    return found;
}

std::optional<gateway::Api> locate(World& world, Reads& reads, const SubjectOf<HttpApi>& subject)
{
    if (const auto& id = subject.outputs.api_id; !id.empty())
        if (const auto& api = reads.of<GatewayReads>().api(id))
            return api;
    if (const auto* api = search(world, reads, subject.name))
        return *api;
    return {};
}

} // namespace

std::vector<Node> api_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.declared.of<Api>()) {
        NodeOf<HttpApi> node{.name = api.name,
                             .identity = {},
                             .inputs = {.name = manifest::resource_name(application.manifest,
                                                                        api.name, longest_name),
                                        .description = api.description,
                                        .tags = tags_of(application, HttpApi::name, api.name)}};
        nodes.push_back(std::move(node).node());
    }
    return nodes;
}

std::optional<ObservedOf<HttpApi>> HttpApi::read(World& world, Reads& reads,
                                                 const SubjectOf<HttpApi>& subject)
{
    const auto api = locate(world, reads, subject);
    if (!api)
        return {};
    return ObservedOf<HttpApi>{
        .inputs = {.name = api->name, .description = api->description, .tags = own_tags(api->tags)},
        .outputs = outputs_of(*api),
        .settings = {.disable_execute_api_endpoint = api->disable_execute_api_endpoint,
                     .ip_address_type = api->ip_address_type}};
}

HttpApiOutputs HttpApi::create(World& world, const SubjectOf<HttpApi>&, const Inputs& inputs)
{
    return outputs_of(world.call(gateway::CreateApi{
        .name = inputs.name, .description = inputs.description, .tags = inputs.tags}));
}

HttpApiOutputs HttpApi::update(World& world, const SubjectOf<HttpApi>&, const Inputs& inputs,
                               const ObservedOf<HttpApi>& observed)
{
    const auto& id = observed.outputs.api_id;
    const auto& present = observed.inputs;
    const Settings wanted;
    if (inputs.name != present.name || inputs.description != present.description ||
        observed.settings != wanted)
        world.call(
            gateway::UpdateApi{.api_id = id,
                               .name = inputs.name,
                               .description = inputs.description,
                               .disable_execute_api_endpoint = wanted.disable_execute_api_endpoint,
                               .ip_address_type = if_altered(observed.settings.ip_address_type,
                                                             wanted.ip_address_type)});
    if (inputs.tags != present.tags)
        world.call(gateway::TagResource{
            .resource_arn = "arn:" + aws::partition_of(world.target().region) +
                            ":apigateway:" + world.target().region + "::/apis/" + id,
            .tags = inputs.tags});
    return observed.outputs;
}

void HttpApi::destroy(World& world, const SubjectOf<HttpApi>& subject)
{
    Reads reads(world);
    if (const auto api = locate(world, reads, subject))
        world.find(gateway::DeleteApi{.api_id = api->api_id});
}

HttpApiOutputs HttpApi::expected(const Target& target, const Outputs&)
{
    const std::string api_id(10, 'x');
    return {.api_id = api_id,
            .endpoint = "https://" + api_id + ".execute-api." + target.region + ".amazonaws.com"};
}

} // namespace nimbus::deploy::api
