#include "deploy/kinds/function/artifact.h"

#include "aws/ops/s3/objects.h"
#include "base/file.h"
#include "deploy/kinds/function/names.h"

namespace nimbus::deploy::function {

std::vector<Node> artifact_nodes(const Application& application)
{
    const auto& bucket = application.target.bucket;
    std::map<std::string, Node> nodes;
    for (const auto& function : application.manifest.functions) {
        const auto& artifact = artifact_of(application, function);
        const auto name = artifact_name(artifact);
        if (nodes.contains(name))
            continue;
        const auto key = artifact_object_key(application, artifact);
        NodeOf<Artifact> node{
            .name = name,
            .identity = {.bucket = bucket, .object_key = key},
            .inputs = {.object_key = key, .bucket = bucket, .file = artifact.zip.string()}};
        nodes.emplace(name, std::move(node).node());
    }
    std::vector<Node> all;
    for (auto& [name, node] : nodes)
        all.push_back(std::move(node));
    return all;
}

std::optional<ObservedOf<Artifact>> Artifact::read(World& world, Reads&,
                                                   const SubjectOf<Artifact>& subject)
{
    const auto& object = subject.outputs;
    if (!world.find(aws::s3::HeadObject{.bucket = object.bucket, .key = object.object_key}))
        return {};
    return ObservedOf<Artifact>{.inputs = {.object_key = object.object_key}};
}

ArtifactOutputs Artifact::create(World& world, const SubjectOf<Artifact>&, const Inputs& inputs)
{
    world.call(aws::s3::PutObject{.bucket = inputs.bucket.value(),
                                  .key = inputs.object_key,
                                  .body = read_file(inputs.file.value()),
                                  .content_type = "application/zip"});
    return {};
}

ArtifactOutputs Artifact::update(World& world, const SubjectOf<Artifact>& subject,
                                 const Inputs& inputs, const ObservedOf<Artifact>&)
{
    return create(world, subject, inputs);
}

void Artifact::destroy(World& world, const SubjectOf<Artifact>& subject)
{
    world.find(
        aws::s3::DeleteObject{.bucket = subject.outputs.bucket, .key = subject.outputs.object_key});
}

} // namespace nimbus::deploy::function
