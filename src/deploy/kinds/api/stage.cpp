#include "aws/endpoints.h"
#include "aws/ops/apigatewayv2/stages.h"
#include "aws/ops/apigatewayv2/tags.h"
#include "deploy/resources/catalog.h"
#include "deploy/resources/gateway_calls.h"

#include <algorithm>

/// The stage that an HTTP API is reached by: the first segment of the path. It deploys by itself
/// what changes.
namespace nimbus::deploy {
namespace {

namespace gateway = aws::apigatewayv2;

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.apis) {
        const auto name = api.name + '/' + api.stage;
        nodes.push_back({.type = "stage",
                         .name = name,
                         .identity = {{"stageName", api.stage}},
                         .inputs = {{"apiId", output_of(api_key(api), "apiId")},
                                    {"stageName", api.stage},
                                    {"autoDeploy", true},
                                    {"tags", tags_input(application, "stage", name)}},
                         .depends_on = {api_key(api)},
                         .parent = api_key(api)});
    }
    return nodes;
}

std::optional<Observed> read(World&, Reads& reads, const Subject& subject)
{
    const auto api_id = subject.parent_output("apiId");
    if (api_id.empty())
        return {};
    const auto& stages = reads.stages(api_id);
    const auto found =
        std::ranges::find(stages, subject.output("stageName"), &gateway::Stage::stage_name);
    if (found == stages.end())
        return {};
    return Observed{.inputs = {{"apiId", api_id},
                               {"stageName", found->stage_name},
                               {"autoDeploy", found->auto_deploy},
                               {"tags", own_tags(found->tags)}}};
}

json::object update(World& world, const Subject&, const json::object& inputs,
                    const Observed& observed)
{
    const auto api_id = string_or_empty(inputs, "apiId");
    const auto name = string_or_empty(inputs, "stageName");
    if (inputs.at("autoDeploy") != observed.inputs.at("autoDeploy"))
        change_api(world,
                   gateway::UpdateStage{.api_id = api_id, .stage_name = name, .auto_deploy = true});
    if (inputs.at("tags") != observed.inputs.at("tags"))
        change_api(world, gateway::TagResource{
                              .resource_arn = "arn:" + aws::partition_of(world.target().region) +
                                              ":apigateway:" + world.target().region + "::/apis/" +
                                              api_id + "/stages/" + name,
                              .tags = to_tags(inputs.at("tags").as_object())});
    return {};
}

json::object create(World& world, const Subject&, const json::object& inputs)
{
    try {
        change_api(world, gateway::CreateStage{.api_id = string_or_empty(inputs, "apiId"),
                                               .stage_name = string_or_empty(inputs, "stageName"),
                                               .tags = to_tags(inputs.at("tags").as_object())});
    } catch (const aws::ApiError& error) {
        // A call whose answer was lost is sent again, and meets itself.
        if (!error.is_conflict())
            throw;
    }
    return {};
}

void destroy(World& world, const Subject& subject)
{
    if (const auto api_id = subject.parent_output("apiId"); !api_id.empty())
        delete_from_api(world, gateway::DeleteStage{.api_id = api_id,
                                                    .stage_name = subject.output("stageName")});
}

} // namespace

ResourceType stage_type()
{
    return {.name = "stage",
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
