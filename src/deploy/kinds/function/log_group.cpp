#include "deploy/kinds/function/log_group.h"

#include "aws/ops/logs/log_groups.h"
#include "deploy/kinds/function/names.h"
#include "deploy/memo.h"
#include "manifest/names.h"

namespace nimbus::deploy::function {
namespace {

constexpr int default_retention = 30; ///< days

using Groups = std::map<std::string, aws::logs::LogGroup>;

class LogGroupReads {
public:
    explicit LogGroupReads(World& world) : world_(world) {}

    /// Null when there is none. One list for the groups of all functions: their names start alike.
    const aws::logs::LogGroup* find(const std::string& group_name)
    {
        const auto& id = world_.deployment();
        const auto& groups = of_prefix(log_group_of(id.project + '-' + id.stage + '-'));
        const auto found = groups.find(group_name);
        return found == groups.end() ? nullptr : &found->second;
    }

private:
    const Groups& of_prefix(const std::string& prefix)
    {
        return groups_.get(prefix, [&] {
            Groups found;
            world_.for_each_page(aws::logs::DescribeLogGroups{.log_group_name_prefix = prefix},
                                 [&](const aws::logs::DescribeLogGroups::Response& page) {
                                     for (const auto& group : page.log_groups)
                                         found[group.log_group_name] = group;
                                 });
            return found;
        });
    }

    World& world_;
    Memo<Groups> groups_;
};

/// The ARN of a group, as its tags are asked for: DescribeLogGroups puts ":*" behind it.
std::string tagged_arn(const World& world, const std::string& group_name)
{
    return arn_of(world.target(), "logs", "log-group:" + group_name);
}

/// Nothing when it does not exist.
std::optional<aws::Tags> tags_of_group(World& world, const std::string& group_name)
{
    auto answer =
        world.find(aws::logs::ListTagsForResource{.resource_arn = tagged_arn(world, group_name)});
    if (!answer)
        return {};
    return std::move(answer->tags);
}

std::string creation_of(const aws::logs::LogGroup& group)
{
    return std::to_string(to_unix_milliseconds(group.creation_time));
}

/// What the state says of the group that is there, or null.
Known known(const SubjectOf<LogGroup>& subject, const aws::logs::LogGroup* group)
{
    return known_as(subject.is_recorded, subject.outputs.created,
                    group == nullptr ? std::string() : creation_of(*group));
}

std::string title_of(const std::string& group_name)
{
    return "The log group " + group_name;
}

std::string retention_text(int days)
{
    if (days == manifest::infinite_retention)
        return "infinite";
    return std::to_string(days) + (days == 1 ? " day" : " days");
}

bool is_unfinished(const ObservedOf<LogGroup>& observed)
{
    return observed.outputs.is_unfinished.value_or(false);
}

/// Nothing when it has to stay as it is.
std::optional<int> retention_to_set(const LogGroupInputs& wanted,
                                    const ObservedOf<LogGroup>& observed)
{
    if (is_unfinished(observed))
        return wanted.retention.value_or(default_retention);
    return wanted.retention == observed.inputs.retention ? std::nullopt : wanted.retention;
}

void set_retention(World& world, const std::string& group_name, int days)
{
    if (days == manifest::infinite_retention)
        world.call(aws::logs::DeleteRetentionPolicy{.log_group_name = group_name});
    else
        world.call(
            aws::logs::PutRetentionPolicy{.log_group_name = group_name, .retention_days = days});
}

} // namespace

std::vector<Node> log_group_nodes(const Application& application)
{
    std::vector<Node> nodes;
    for (const auto& function : application.manifest.functions) {
        const auto name =
            log_group_of(manifest::lambda_function_name(application.manifest, function));
        NodeOf<LogGroup> node{
            .name = function.name,
            .identity = {.log_group = name, .arn = {}, .is_unfinished = {}, .created = {}},
            .inputs = {.log_group = name,
                       .tags = tags_of(application, LogGroup::name, function.name),
                       .retention = function.log_retention_days}};
        nodes.push_back(std::move(node).node());
    }
    return nodes;
}

std::optional<ObservedOf<LogGroup>> LogGroup::read(World& world, Reads& reads,
                                                   const SubjectOf<LogGroup>& subject)
{
    const auto& group_name = subject.outputs.log_group;
    const auto* found = reads.of<LogGroupReads>().find(group_name);
    if (found == nullptr)
        return {};
    const auto& group = *found;
    // Tags are a call for each group: asked for only where it is not known to be the same one.
    if (const auto proof = known(subject, &group); proof != Known::by_id)
        check_owner(world, proof, tags_of_group(world, group_name).value_or(aws::Tags{}),
                    title_of(group_name));
    // It was begun, and there is no proof yet that it was finished.
    const bool was_begun = !subject.is_recorded && !subject.nonce.empty();
    ObservedOf<LogGroup> observed{
        .inputs = {.log_group = group_name,
                   .tags = {},
                   .retention = group.retention_days.value_or(manifest::infinite_retention)},
        .outputs = {
            .log_group = {}, .arn = group.arn, .is_unfinished = {}, .created = creation_of(group)}};
    if (was_begun)
        observed.outputs.is_unfinished = !group.retention_days;
    else
        observed.outputs.is_unfinished = subject.outputs.is_unfinished;
    return observed;
}

std::vector<std::string> LogGroup::differences(const Inputs& wanted,
                                               const ObservedOf<LogGroup>& observed)
{
    const auto retention = retention_to_set(wanted, observed);
    if (!retention)
        return {};
    const auto present =
        is_unfinished(observed) ? "not set yet" : retention_text(observed.inputs.retention.value());
    return {"retention: " + present + " -> " + retention_text(*retention)};
}

LogGroupOutputs LogGroup::create(World& world, const SubjectOf<LogGroup>&, const Inputs& inputs)
{
    world.call(
        aws::logs::CreateLogGroup{.log_group_name = inputs.log_group, .tags = inputs.tags.value()});
    const auto retention = inputs.retention.value_or(default_retention);
    if (retention != manifest::infinite_retention)
        set_retention(world, inputs.log_group, retention);
    return {.log_group = {},
            .arn = tagged_arn(world, inputs.log_group),
            .is_unfinished = false,
            .created = {}};
}

LogGroupOutputs LogGroup::learn(World&, Reads& reads, const SubjectOf<LogGroup>& subject)
{
    const auto* group = reads.of<LogGroupReads>().find(subject.outputs.log_group);
    if (group == nullptr)
        return {};
    return {.log_group = {}, .arn = {}, .is_unfinished = {}, .created = creation_of(*group)};
}

LogGroupOutputs LogGroup::update(World& world, const SubjectOf<LogGroup>&, const Inputs& inputs,
                                 const ObservedOf<LogGroup>& observed)
{
    world.call(aws::logs::TagResource{.resource_arn = tagged_arn(world, inputs.log_group),
                                      .tags = inputs.tags.value()});
    if (const auto retention = retention_to_set(inputs, observed))
        set_retention(world, inputs.log_group, *retention);
    auto outputs = observed.outputs;
    outputs.is_unfinished = false;
    return outputs;
}

void LogGroup::destroy(World& world, const SubjectOf<LogGroup>& subject)
{
    const auto& group_name = subject.outputs.log_group;
    const auto tags = tags_of_group(world, group_name);
    if (!tags)
        return;
    if (!world.owns(*tags)) {
        Reads reads(world);
        const auto* group = reads.of<LogGroupReads>().find(group_name);
        check_owner(world, known(subject, group), *tags, title_of(group_name));
    }
    world.find(aws::logs::DeleteLogGroup{.log_group_name = group_name});
}

} // namespace nimbus::deploy::function
