#include "aws/endpoints.h"
#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/apigatewayv2/tags.h"
#include "deploy/resources/catalog.h"
#include "deploy/resources/gateway_calls.h"
#include "manifest/names.h"

#include <algorithm>

/// An HTTP API. Its name need not be unique: it is found by its tags.
namespace nimbus::deploy {
namespace {

namespace gateway = aws::apigatewayv2;

constexpr std::size_t longest_name = 128;

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.apis)
        nodes.push_back({.type = "api",
                         .name = api.name,
                         .inputs = {{"name", manifest::resource_name(application.manifest, api.name,
                                                                     longest_name)},
                                    {"tags", tags_input(application, "api", api.name)}}});
    return nodes;
}

json::object outputs_of(const gateway::Api& api)
{
    return {{"apiId", api.api_id}, {"endpoint", api.api_endpoint}};
}

/// By its tags; of several, always the same one.
const gateway::Api* search(World& world, Reads& reads, const std::string& name)
{
    const auto wanted = world.tags("api/" + name);
    const gateway::Api* found = nullptr;
    for (const auto& api : reads.apis()) {
        const auto matches = std::ranges::all_of(wanted, [&](const auto& tag) {
            const auto present = api.tags.find(tag.first);
            return present != api.tags.end() && present->second == tag.second;
        });
        if (matches && (found == nullptr || api.api_id < found->api_id))
            found = &api;
    }
    return found;
}

std::optional<gateway::Api> locate(World& world, Reads& reads, const Subject& subject)
{
    if (const auto id = subject.output("apiId"); !id.empty())
        if (auto api = world.find(gateway::GetApi{.api_id = id}))
            return api;
    if (const auto* api = search(world, reads, subject.name))
        return *api;
    return {};
}

std::optional<Observed> read(World& world, Reads& reads, const Subject& subject)
{
    const auto api = locate(world, reads, subject);
    if (!api)
        return {};
    return Observed{.inputs = {{"name", api->name}, {"tags", own_tags(api->tags)}},
                    .outputs = outputs_of(*api)};
}

json::object create(World& world, const Subject&, const json::object& inputs)
{
    return outputs_of(
        change_api(world, gateway::CreateApi{.name = string_or_empty(inputs, "name"),
                                             .tags = to_tags(inputs.at("tags").as_object())}));
}

json::object update(World& world, const Subject&, const json::object& inputs,
                    const Observed& observed)
{
    const auto id = string_or_empty(observed.outputs, "apiId");
    if (inputs.at("name") != observed.inputs.at("name"))
        change_api(world,
                   gateway::UpdateApi{.api_id = id, .name = string_or_empty(inputs, "name")});
    if (inputs.at("tags") != observed.inputs.at("tags"))
        change_api(world,
                   gateway::TagResource{
                       .resource_arn = "arn:" + aws::partition_of(world.target().region) +
                                       ":apigateway:" + world.target().region + "::/apis/" + id,
                       .tags = to_tags(inputs.at("tags").as_object())});
    return observed.outputs;
}

void destroy(World& world, const Subject& subject)
{
    Reads reads(world);
    if (const auto api = locate(world, reads, subject))
        delete_from_api(world, gateway::DeleteApi{.api_id = api->api_id});
}

} // namespace

ResourceType api_type()
{
    return {.name = "api",
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
