#include "deploy/kinds/function/log_group.h"

#include "aws/ops/logs/log_groups.h"
#include "deploy/kinds/function/names.h"
#include "deploy/memo.h"
#include "manifest/names.h"

namespace nimbus::deploy::function {
namespace {

class LogGroupReads {
public:
    explicit LogGroupReads(World& world) : world_(world) {}

    /// Log groups of that prefix: name and ARN.
    const std::map<std::string, std::string>& groups(const std::string& prefix)
    {
        return groups_.get(prefix, [&] {
            std::map<std::string, std::string> found;
            world_.for_each_page(aws::logs::DescribeLogGroups{.log_group_name_prefix = prefix},
                                 [&](const aws::logs::DescribeLogGroups::Response& page) {
                                     for (const auto& group : page.log_groups)
                                         found[group.log_group_name] = group.arn;
                                 });
            return found;
        });
    }

private:
    World& world_;
    Memo<std::map<std::string, std::string>> groups_;
};

/// The ARN of a group, as its tags are asked for: DescribeLogGroups puts ":*" behind it.
std::string tagged_arn(const World& world, const std::string& group_name)
{
    return arn_of(world.target(), "logs", "log-group:" + group_name);
}

/// None when it does not exist.
aws::Tags tags_of_group(World& world, const std::string& group_name)
{
    const auto answer =
        world.find(aws::logs::ListTagsForResource{.resource_arn = tagged_arn(world, group_name)});
    return answer ? answer->tags : aws::Tags{};
}

} // namespace

std::vector<Node> log_group_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& function : application.manifest.functions) {
        const auto name =
            log_group_of(manifest::lambda_function_name(application.manifest, function));
        const NodeOf<LogGroup> node{
            .name = function.name,
            .identity = {.log_group = name, .arn = {}},
            .inputs = {.log_group = name,
                       .tags = tags_of(application, LogGroup::name, function.name)}};
        nodes.push_back(node.node());
    }
    return nodes;
}

std::optional<ObservedOf<LogGroup>> LogGroup::read(World& world, Reads& reads,
                                                   const SubjectOf<LogGroup>& subject)
{
    const auto& id = world.deployment();
    // One list for the groups of all functions: their names start alike.
    const auto& groups =
        reads.of<LogGroupReads>().groups(log_group_of(id.project + '-' + id.stage + '-'));
    const auto& group_name = subject.outputs.log_group;
    const auto found = groups.find(group_name);
    if (found == groups.end())
        return {};
    if (!subject.is_recorded)
        check_owner(world, false, tags_of_group(world, group_name), "The log group " + group_name);
    return ObservedOf<LogGroup>{.inputs = {.log_group = group_name},
                                .outputs = {.log_group = {}, .arn = found->second}};
}

LogGroupOutputs LogGroup::create(World& world, const SubjectOf<LogGroup>&, const Inputs& inputs)
{
    world.call(
        aws::logs::CreateLogGroup{.log_group_name = inputs.log_group, .tags = inputs.tags.value()});
    return {.log_group = {}, .arn = tagged_arn(world, inputs.log_group)};
}

LogGroupOutputs LogGroup::update(World& world, const SubjectOf<LogGroup>&, const Inputs& inputs,
                                 const ObservedOf<LogGroup>& observed)
{
    world.call(aws::logs::TagResource{.resource_arn = tagged_arn(world, inputs.log_group),
                                      .tags = inputs.tags.value()});
    return observed.outputs;
}

void LogGroup::destroy(World& world, const SubjectOf<LogGroup>& subject)
{
    world.find(aws::logs::DeleteLogGroup{.log_group_name = subject.outputs.log_group});
}

} // namespace nimbus::deploy::function
