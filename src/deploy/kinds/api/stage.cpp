#include "deploy/kinds/api/stage.h"

#include "aws/endpoints.h"
#include "aws/ops/apigatewayv2/stages.h"
#include "aws/ops/apigatewayv2/tags.h"
#include "deploy/application.h"
#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/api/gateway_reads.h"

#include <algorithm>

namespace nimbus::deploy::api {

namespace gateway = aws::apigatewayv2;

std::vector<Node> stage_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& api : application.manifest.declared.of<Api>()) {
        const auto name = api.name + '/' + api.stage;
        const auto parent = key_of<HttpApi>(api.name);
        StageInputs inputs{.api_id = output_of<HttpApi>(api.name, &HttpApiOutputs::api_id),
                           .stage_name = api.stage,
                           .tags = tags_of(application, Stage::name, name)};
        NodeOf<Stage> node{.name = name,
                           .identity = {.stage_name = api.stage},
                           .inputs = std::move(inputs),
                           .depends_on = {parent},
                           .parent = parent};
        nodes.push_back(std::move(node).node());
    }
    return nodes;
}

std::optional<ObservedOf<Stage>> Stage::read(World&, Reads& reads, const SubjectOf<Stage>& subject)
{
    if (!subject.parent)
        return {};
    const auto& api_id = subject.parent->api_id;
    const auto& stages = reads.of<GatewayReads>().stages(api_id);
    const auto found =
        std::ranges::find(stages, subject.outputs.stage_name, &gateway::Stage::stage_name);
    if (found == stages.end())
        return {};
    return ObservedOf<Stage>{.inputs = {.api_id = api_id,
                                        .stage_name = found->stage_name,
                                        .tags = own_tags(found->tags)},
                             .outputs = {},
                             .settings = {.auto_deploy = found->auto_deploy,
                                          .stage_variables = keys_of(found->stage_variables)}};
}

StageOutputs Stage::create(World& world, const SubjectOf<Stage>&, const Inputs& inputs)
{
    world.call(gateway::CreateStage{.api_id = inputs.api_id,
                                    .stage_name = inputs.stage_name,
                                    .auto_deploy = Settings().auto_deploy,
                                    .tags = inputs.tags});
    return {};
}

StageOutputs Stage::update(World& world, const SubjectOf<Stage>&, const Inputs& inputs,
                           const ObservedOf<Stage>& observed)
{
    const Settings wanted;
    if (observed.settings != wanted) {
        gateway::UpdateStage update{.api_id = inputs.api_id,
                                    .stage_name = inputs.stage_name,
                                    .auto_deploy = wanted.auto_deploy};
        for (const auto& variable : observed.settings.stage_variables)
            update.stage_variables[variable]; // an empty value removes it
        world.call(update);
    }
    if (inputs.tags != observed.inputs.tags)
        world.call(gateway::TagResource{.resource_arn =
                                            "arn:" + aws::partition_of(world.target().region) +
                                            ":apigateway:" + world.target().region + "::/apis/" +
                                            inputs.api_id + "/stages/" + inputs.stage_name,
                                        .tags = inputs.tags});
    return {};
}

void Stage::destroy(World& world, const SubjectOf<Stage>& subject)
{
    if (subject.parent)
        world.find(gateway::DeleteStage{.api_id = subject.parent->api_id,
                                        .stage_name = subject.outputs.stage_name});
}

} // namespace nimbus::deploy::api
