#include "base/arn.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/scheduler/scheduler_service.h"

namespace nimbus::local::scheduler {
namespace {

constexpr std::size_t most_tags = 50;
constexpr std::string_view group_prefix = "schedule-group/";

void add_tags(std::map<std::string, std::string>& tags, const Call& call)
{
    const Input input(call.input, validation);
    const auto* list = input.array("Tags");
    if (list == nullptr)
        return;
    for (const auto& one : *list) {
        if (!one.is_object())
            throw_validation("Each of the Tags is an object with Key and Value.");
        const Input tag(one.get_object(), validation);
        const auto key = tag.required_text("Key");
        const auto value = tag.required_text("Value");
        if (key.empty() || key.size() > 128 || value.empty() || value.size() > 256)
            throw_validation("The tag '" + key +
                             "' is not valid: keys have 1 to 128 characters, values 1 to 256.");
        if (key.starts_with("aws:"))
            throw_validation("The tag '" + key + "' is not valid: aws: is for AWS's own tags.");
        tags[key] = value;
    }
    if (tags.size() > most_tags)
        throw_error(402, "ServiceQuotaExceededException", "A schedule group has at most 50 tags.");
}

json::object describe(const Call& call, const GroupRecord& group)
{
    return {{"Arn", group_arn(group.region, call.account_id, group.name)},
            {"Name", group.name},
            {"State", group.is_deleting ? "DELETING" : "ACTIVE"},
            {"CreationDate", epoch_seconds(group.created)},
            {"LastModificationDate", epoch_seconds(group.modified)}};
}

GroupRecord named_group(const SchedulerParts& parts, const Call& call)
{
    return need_group(parts, call, checked_name("name", call.label("Name")));
}

json::object create_group(const SchedulerParts& parts, Call& call)
{
    const auto name = checked_name("name", call.label("Name"));
    return parts.tokens.once(call, [&] {
        const auto now = parts.clock();
        if (const auto present = parts.store.find_group(call.region, name, now))
            throw_conflict("Schedule group " + name +
                           (present->is_deleting ? " is being deleted." : " already exists."));
        GroupRecord group{.region = call.region, .name = name, .created = now, .modified = now};
        add_tags(group.tags, call);
        parts.store.put(group);
        return json::object{{"ScheduleGroupArn", group_arn(call.region, call.account_id, name)}};
    });
}

json::object get_group(const SchedulerParts& parts, Call& call)
{
    return describe(call, named_group(parts, call));
}

/// The engine deletes the group and its schedules soon; until then its state says so.
json::object delete_group(const SchedulerParts& parts, Call& call)
{
    auto answer = parts.tokens.once(call, [&] {
        auto group = named_group(parts, call);
        if (group.name == default_group)
            throw_validation("The default schedule group cannot be deleted.");
        group.is_deleting = true;
        group.modified = parts.clock();
        parts.store.put(group);
        return json::object{};
    });
    parts.engine.wake();
    return answer;
}

json::object list_groups(const SchedulerParts& parts, Call& call)
{
    const auto prefix = call.parameter("NamePrefix").value_or("");
    Page page(call);
    json::array groups;
    for (const auto& group : parts.store.groups(call.region, parts.clock()))
        if (group.name.starts_with(prefix) && page.take(group.name))
            groups.push_back(describe(call, group));
    json::object body{{"ScheduleGroups", std::move(groups)}};
    page.finish(body);
    return body;
}

// Schedules have no tags of their own.

GroupRecord tagged_group(const SchedulerParts& parts, const Call& call)
{
    const auto& text = call.label("ResourceArn");
    const auto arn = Arn::parse(text);
    if (!arn || arn->service != "scheduler" || arn->region != call.region ||
        arn->account != call.account_id || !arn->resource.starts_with(group_prefix))
        throw_validation(
            "The resource '" + text +
            "' is not a schedule group of this Region and account, and nothing else has "
            "tags.");
    return need_group(parts, call, arn->resource.substr(group_prefix.size()));
}

json::object list_tags(const SchedulerParts& parts, Call& call)
{
    json::array tags;
    for (const auto& [key, value] : tagged_group(parts, call).tags)
        tags.push_back(json::object{{"Key", key}, {"Value", value}});
    return {{"Tags", std::move(tags)}};
}

json::object tag_resource(const SchedulerParts& parts, Call& call)
{
    parts.store.database().transaction([&] {
        auto group = tagged_group(parts, call);
        add_tags(group.tags, call);
        parts.store.put(group);
    });
    return {};
}

json::object untag_resource(const SchedulerParts& parts, Call& call)
{
    parts.store.database().transaction([&] {
        auto group = tagged_group(parts, call);
        for (const auto& [name, value] : call.query)
            if (name == "TagKeys")
                group.tags.erase(value);
        parts.store.put(group);
    });
    return {};
}

std::string group_resource(const Call& call)
{
    const auto name = call.labels.find("Name");
    return group_arn(call.region, call.account_id, name == call.labels.end() ? "*" : name->second);
}

std::string tagged_resource(const Call& call)
{
    return call.label("ResourceArn");
}

/// The group's tags.
ConditionContext group_context(const SchedulerParts& parts, const Call& call)
{
    auto name = call.labels.find("Name") == call.labels.end() ? "" : call.label("Name");
    if (const auto tagged = call.labels.find("ResourceArn"); tagged != call.labels.end())
        if (const auto arn = Arn::parse(tagged->second);
            arn && arn->resource.starts_with(group_prefix))
            name = arn->resource.substr(group_prefix.size());
    const auto group = parts.store.find_group(call.region, name, parts.clock());
    return group ? resource_tags(group->tags) : ConditionContext{};
}

} // namespace

std::vector<Operation> group_operations(const SchedulerParts& parts)
{
    constexpr std::string_view path = "/schedule-groups/{Name}";
    constexpr std::string_view tags = "/tags/{ResourceArn+}";
    std::vector<Operation> operations{
        operation(parts,
                  {.name = "CreateScheduleGroup",
                   .method = "POST",
                   .path = path,
                   .action = "scheduler:CreateScheduleGroup",
                   .resource = group_resource,
                   .tag_action = "scheduler:TagResource"},
                  create_group),
        operation(parts,
                  {.name = "GetScheduleGroup",
                   .method = "GET",
                   .path = path,
                   .action = "scheduler:GetScheduleGroup",
                   .resource = group_resource},
                  get_group),
        operation(parts,
                  {.name = "DeleteScheduleGroup",
                   .method = "DELETE",
                   .path = path,
                   .action = "scheduler:DeleteScheduleGroup",
                   .resource = group_resource},
                  delete_group),
        operation(parts,
                  {.name = "ListScheduleGroups",
                   .method = "GET",
                   .path = "/schedule-groups",
                   .action = "scheduler:ListScheduleGroups",
                   .resource = group_resource},
                  list_groups),
        operation(parts,
                  {.name = "ListTagsForResource",
                   .method = "GET",
                   .path = tags,
                   .action = "scheduler:ListTagsForResource",
                   .resource = tagged_resource},
                  list_tags),
        operation(parts,
                  {.name = "TagResource",
                   .method = "POST",
                   .path = tags,
                   .action = "scheduler:TagResource",
                   .resource = tagged_resource},
                  tag_resource),
        operation(parts,
                  {.name = "UntagResource",
                   .method = "DELETE",
                   .path = tags,
                   .action = "scheduler:UntagResource",
                   .resource = tagged_resource},
                  untag_resource),
    };
    for (auto& one : operations)
        one.context = [parts](const Call& call) { return group_context(parts, call); };
    return operations;
}

} // namespace nimbus::local::scheduler
