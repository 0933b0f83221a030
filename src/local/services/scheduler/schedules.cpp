#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/scheduler/execution_role.h"
#include "local/services/scheduler/scheduler_service.h"

namespace nimbus::local::scheduler {
namespace {

/// The group is named in the body (CreateSchedule, UpdateSchedule) or by a parameter.
std::string group_name(const Call& call)
{
    if (const auto name = string_member(call.input, "GroupName"))
        return *name;
    return call.parameter("groupName").value_or(std::string(default_group));
}

ScheduleId schedule_id(const Call& call)
{
    static_cast<void>(Input(call.input, validation).text("GroupName"));
    return {.region = call.region,
            .group = checked_name("groupName", group_name(call)),
            .name = checked_name("name", call.label("Name"))};
}

ScheduleRecord need_schedule(const SchedulerParts& parts, const ScheduleId& id)
{
    auto schedule = parts.store.find(id);
    if (!schedule)
        throw_not_found("Schedule " + id.name + " does not exist.");
    return std::move(*schedule);
}

Settings checked_settings(const SchedulerParts& parts, const Call& call, const ScheduleId& id)
{
    auto settings = read_settings(call.input, call.region);
    check_dates(settings, parts.clock());
    check_execution_role(parts.access, call.caller, id, settings.target.role_arn);
    return settings;
}

json::object summary(const Call& call, const ScheduleRecord& schedule)
{
    return {{"Arn", schedule.id.arn(call.account_id)},
            {"Name", schedule.id.name},
            {"GroupName", schedule.id.group},
            {"State", schedule.settings.is_enabled ? "ENABLED" : "DISABLED"},
            {"Target", json::object{{"Arn", schedule.settings.target.arn}}},
            {"CreationDate", epoch_seconds(schedule.created)},
            {"LastModificationDate", epoch_seconds(schedule.modified)}};
}

json::object create_schedule(const SchedulerParts& parts, Call& call)
{
    const auto id = schedule_id(call);
    auto answer = parts.tokens.once(call, [&] {
        if (need_group(parts, call, id.group).is_deleting)
            throw_conflict("Schedule group " + id.group + " is being deleted.");
        auto settings = checked_settings(parts, call, id);
        if (parts.store.find(id))
            throw_conflict("Schedule " + id.name + " already exists.");
        parts.store.put(ScheduleRecord::create(id, std::move(settings), parts.clock()));
        return json::object{{"ScheduleArn", id.arn(call.account_id)}};
    });
    parts.engine.wake();
    return answer;
}

/// What the request leaves out becomes what it is by default, not what it was.
json::object update_schedule(const SchedulerParts& parts, Call& call)
{
    const auto id = schedule_id(call);
    auto answer = parts.tokens.once(call, [&] {
        auto schedule = need_schedule(parts, id);
        schedule.update(checked_settings(parts, call, id), parts.clock());
        if (!schedule.settings.is_enabled)
            parts.store.erase_firings(id);
        parts.store.put(schedule);
        return json::object{{"ScheduleArn", id.arn(call.account_id)}};
    });
    parts.engine.wake();
    return answer;
}

json::object get_schedule(const SchedulerParts& parts, Call& call)
{
    const auto schedule = need_schedule(parts, schedule_id(call));
    auto body = to_json(schedule.settings);
    for (const auto& [name, value] : summary(call, schedule))
        if (!body.contains(name))
            body[name] = value;
    return body;
}

json::object delete_schedule(const SchedulerParts& parts, Call& call)
{
    const auto id = schedule_id(call);
    return parts.tokens.once(call, [&] {
        if (!parts.store.erase(id))
            throw_not_found("Schedule " + id.name + " does not exist.");
        return json::object{};
    });
}

json::object list_schedules(const SchedulerParts& parts, Call& call)
{
    const auto group = call.parameter("ScheduleGroup");
    if (group)
        static_cast<void>(need_group(parts, call, checked_name("groupName", *group)));
    const auto prefix = call.parameter("NamePrefix").value_or("");
    const auto state = call.parameter("State");
    if (state && *state != "ENABLED" && *state != "DISABLED")
        throw_validation(
            "1 validation error detected: Value '" + *state +
            "' at 'state' failed to satisfy constraint: Member must satisfy enum value "
            "set: [ENABLED, DISABLED]");
    Page page(call);
    json::array schedules;
    for (const auto& schedule : parts.store.schedules(call.region, group)) {
        auto item = summary(call, schedule);
        if (schedule.id.name.starts_with(prefix) &&
            (!state || string_or_empty(item, "State") == *state) &&
            page.take(schedule.id.group + "/" + schedule.id.name))
            schedules.push_back(std::move(item));
    }
    json::object body{{"Schedules", std::move(schedules)}};
    page.finish(body);
    return body;
}

std::string schedule_resource(const Call& call)
{
    return ScheduleId{call.region, group_name(call), call.label("Name")}.arn(call.account_id);
}

} // namespace

std::vector<Operation> schedule_operations(const SchedulerParts& parts)
{
    constexpr std::string_view path = "/schedules/{Name}";
    return {
        operation(parts,
                  {.name = "CreateSchedule",
                   .method = "POST",
                   .path = path,
                   .action = "scheduler:CreateSchedule",
                   .resource = schedule_resource},
                  create_schedule),
        operation(parts,
                  {.name = "GetSchedule",
                   .method = "GET",
                   .path = path,
                   .action = "scheduler:GetSchedule",
                   .resource = schedule_resource},
                  get_schedule),
        operation(parts,
                  {.name = "UpdateSchedule",
                   .method = "PUT",
                   .path = path,
                   .action = "scheduler:UpdateSchedule",
                   .resource = schedule_resource},
                  update_schedule),
        operation(parts,
                  {.name = "DeleteSchedule",
                   .method = "DELETE",
                   .path = path,
                   .action = "scheduler:DeleteSchedule",
                   .resource = schedule_resource},
                  delete_schedule),
        operation(parts,
                  {.name = "ListSchedules",
                   .method = "GET",
                   .path = "/schedules",
                   .action = "scheduler:ListSchedules"}, // of a list, IAM knows no resource
                  list_schedules),
    };
}

} // namespace nimbus::local::scheduler
