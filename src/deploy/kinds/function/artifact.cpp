#include "aws/ops/s3/objects.h"
#include "base/file.h"
#include "deploy/resources/catalog.h"

/// The application's code: an object named after its content, which all functions share.
namespace nimbus::deploy {
namespace {

std::vector<Node> declare(const Application& application)
{
    if (application.manifest.functions.empty())
        return {};
    const auto& artifact = application.artifact;
    const json::object identity{{"bucket", application.target.bucket},
                                {"objectKey", artifact_object_key(application)}};
    auto inputs = identity;
    inputs["file"] = artifact.zip.string();
    return {{.type = "artifact",
             .name = artifact.sha256.substr(0, 12),
             .identity = identity,
             .inputs = std::move(inputs)}};
}

std::optional<Observed> read(World& world, Reads&, const Subject& subject)
{
    const auto found = world.find(aws::s3::HeadObject{.bucket = subject.output("bucket"),
                                                      .key = subject.output("objectKey")});
    if (!found)
        return {};
    return Observed{.inputs = {{"objectKey", subject.output("objectKey")}}};
}

json::object create(World& world, const Subject&, const json::object& inputs)
{
    world.call(aws::s3::PutObject{.bucket = string_or_empty(inputs, "bucket"),
                                  .key = string_or_empty(inputs, "objectKey"),
                                  .body = read_file(string_or_empty(inputs, "file")),
                                  .content_type = "application/zip"});
    return {};
}

json::object update(World& world, const Subject& subject, const json::object& inputs,
                    const Observed&)
{
    return create(world, subject, inputs);
}

void destroy(World& world, const Subject& subject)
{
    world.find(aws::s3::DeleteObject{.bucket = subject.output("bucket"),
                                     .key = subject.output("objectKey")});
}

} // namespace

ResourceType artifact_type()
{
    return {.name = "artifact",
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
