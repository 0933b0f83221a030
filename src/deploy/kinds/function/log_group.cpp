#include "aws/ops/logs/log_groups.h"
#include "deploy/resources/catalog.h"
#include "manifest/names.h"

/// A function's log group. Lambda would make one by itself, without tags, and nobody would ever
/// delete it.
namespace nimbus::deploy {
namespace {

std::vector<Node> declare(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& function : application.manifest.functions) {
        const auto name =
            log_group_of(manifest::lambda_function_name(application.manifest, function));
        nodes.push_back(
            {.type = "log-group",
             .name = function.name,
             .identity = {{"logGroup", name}},
             .inputs = {{"logGroup", name},
                        {"tags", tags_input(application, "log-group", function.name)}}});
    }
    return nodes;
}

std::optional<Observed> read(World& world, Reads& reads, const Subject& subject)
{
    const auto& id = world.deployment();
    // One list for the groups of all functions: their names start alike.
    const auto& groups = reads.log_groups(log_group_of(id.project + '-' + id.stage + '-'));
    const auto name = subject.output("logGroup");
    const auto found = groups.find(name);
    if (found == groups.end())
        return {};
    return Observed{.inputs = {{"logGroup", name}}, .outputs = {{"arn", found->second}}};
}

json::object create(World& world, const Subject&, const json::object& inputs)
{
    const auto name = string_or_empty(inputs, "logGroup");
    const auto tags = to_tags(inputs.at("tags").as_object());
    try {
        world.call(aws::logs::CreateLogGroup{.log_group_name = name, .tags = tags});
    } catch (const aws::ApiError& error) {
        if (!error.is_conflict() && !error.is("ResourceAlreadyExistsException"))
            throw;
        world.call(aws::logs::TagResource{
            .resource_arn = arn_of(world.target(), "logs", "log-group:" + name), .tags = tags});
    }
    return {{"arn", arn_of(world.target(), "logs", "log-group:" + name)}};
}

json::object update(World&, const Subject&, const json::object&, const Observed& observed)
{
    return observed.outputs;
}

void destroy(World& world, const Subject& subject)
{
    world.find(aws::logs::DeleteLogGroup{.log_group_name = subject.output("logGroup")});
}

} // namespace

ResourceType log_group_type()
{
    return {.name = "log-group",
            .declare = declare,
            .read = read,
            .create = create,
            .update = update,
            .destroy = destroy};
}

} // namespace nimbus::deploy
