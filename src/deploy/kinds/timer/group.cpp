#include "deploy/kinds/timer/group.h"

#include "aws/ops/scheduler/schedule_groups.h"
#include "aws/ops/scheduler/tags.h"
#include "deploy/kinds/timer/declaration.h"

namespace nimbus::deploy::timer {
namespace {

namespace scheduler = aws::scheduler;

constexpr std::chrono::milliseconds deleting_time{500};
constexpr std::chrono::seconds deleting_limit{300};
constexpr std::string_view deleting = "DELETING";

/// AWS deletes a group's schedules first, and keeps its name that long.
void wait_until_deleted(World& world, const std::string& name)
{
    world.wait({.what = "schedule group " + name + " to be deleted",
                .kind = "deleted schedule group",
                .usual = deleting_time,
                .limit = deleting_limit},
               [&] {
                   const auto group = world.find(scheduler::GetScheduleGroup{.name = name});
                   return !group || group->state != deleting;
               });
}

/// Throws NotOurs when it is somebody else's.
aws::Tags checked_tags(World& world, const SubjectOf<Group>& subject, const std::string& arn)
{
    auto tags = world.call(scheduler::ListTagsForResource{.resource_arn = arn}).tags;
    check_owner(world, known_as(subject.is_recorded, {}, {}), tags,
                "The schedule group " + subject.outputs.group_name);
    return tags;
}

} // namespace

std::string group_name(const DeploymentId& deployment)
{
    return deployment.project + '-' + deployment.stage;
}

std::string group_arn(const Application& application)
{
    return arn_of(application.target, "scheduler",
                  "schedule-group/" + group_name(application.deployment()));
}

std::vector<Node> group_nodes(const Application& application)
{
    if (application.manifest.declared.of<Timer>().empty())
        return {};
    const auto name = group_name(application.deployment());
    NodeOf<Group> node{
        .name = std::string(group_node_name),
        .identity = {.group_name = name, .arn = group_arn(application)},
        .inputs = {.name = name, .tags = tags_of(application, Group::name, group_node_name)}};
    return {std::move(node).node()};
}

std::optional<ObservedOf<Group>> Group::read(World& world, Reads&, const SubjectOf<Group>& subject)
{
    const auto& own_name = subject.outputs.group_name;
    const auto group = world.find(scheduler::GetScheduleGroup{.name = own_name});
    if (!group || group->state == deleting)
        return {};
    const auto tags = checked_tags(world, subject, group->arn);
    return ObservedOf<Group>{.inputs = {.name = own_name, .tags = own_tags(tags)},
                             .outputs = {.group_name = own_name, .arn = group->arn}};
}

GroupOutputs Group::create(World& world, const SubjectOf<Group>& subject, const Inputs& inputs)
{
    wait_until_deleted(world, inputs.name);
    const auto made = world.call(scheduler::CreateScheduleGroup{
        .name = inputs.name, .tags = inputs.tags, .client_token = subject.nonce});
    return {.group_name = inputs.name, .arn = made.schedule_group_arn};
}

GroupOutputs Group::update(World& world, const SubjectOf<Group>&, const Inputs& inputs,
                           const ObservedOf<Group>& observed)
{
    if (inputs.tags != observed.inputs.tags)
        world.call(
            scheduler::TagResource{.resource_arn = observed.outputs.arn, .tags = inputs.tags});
    return observed.outputs;
}

void Group::destroy(World& world, const SubjectOf<Group>& subject)
{
    const auto& own_name = subject.outputs.group_name;
    const auto group = world.find(scheduler::GetScheduleGroup{.name = own_name});
    if (!group)
        return;
    if (group->state != deleting) {
        checked_tags(world, subject, group->arn);
        world.find(scheduler::DeleteScheduleGroup{.name = own_name});
    }
    wait_until_deleted(world, own_name);
}

} // namespace nimbus::deploy::timer
