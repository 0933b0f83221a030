#include "deploy/kinds/timer/kind.h"

#include "aws/ops/scheduler/schedule_groups.h"
#include "aws/ops/scheduler/tags.h"
#include "deploy/kinds/timer/declaration.h"
#include "deploy/kinds/timer/deployer.h"
#include "deploy/kinds/timer/event.h"
#include "deploy/kinds/timer/extras.h"
#include "deploy/kinds/timer/group.h"
#include "deploy/kinds/timer/output.h"
#include "deploy/kinds/timer/schedule.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace nimbus::deploy::timer {
namespace {

std::vector<Node> declare(const Application& application)
{
    auto nodes = group_nodes(application);
    std::ranges::move(schedule_nodes(application), std::back_inserter(nodes));
    return nodes;
}

std::vector<EventSource> event_sources(const Application& application)
{
    std::vector<EventSource> sources;
    for (const auto& timer : application.manifest.declared.of<Timer>())
        sources.push_back(
            {.function = timer.function, .name = "timer " + timer.name, .permission = {}});
    return sources;
}

std::vector<json::object> outputs(const Application& application, const State& state)
{
    std::vector<json::object> all;
    for (const auto& timer : application.manifest.declared.of<Timer>())
        all.push_back(described::to_json(
            TimerOutput{.name = timer.name,
                        .arn = outputs_in<ScheduleResource>(state, timer.name).arn,
                        .schedule = timer.schedule,
                        .timezone = timer.timezone,
                        .enabled = timer.enabled,
                        .function = timer.function}));
    return all;
}

std::string describe(const Output& output)
{
    const auto timer = described::from_json<TimerOutput>(output.members, output.name);
    const bool has_zone = !timer.schedule.starts_with("rate("); // a rate is the same everywhere
    return fmt::format("  Timer     {}  {}{}{}\n", timer.name, timer.schedule,
                       has_zone ? ", " + timer.timezone : "", timer.enabled ? "" : ", disabled");
}

std::optional<json::object> event_for(const Output& output, const std::string& function)
{
    const auto timer = described::from_json<TimerOutput>(output.members, output.name);
    if (timer.function != function)
        return {};
    return sample_event(timer.arn, system_now());
}

std::vector<std::string> strays(World& world, Reads&)
{
    const auto name = group_name(world.deployment());
    const auto group = world.find(aws::scheduler::GetScheduleGroup{.name = name});
    if (!group ||
        !world.owns(
            world.call(aws::scheduler::ListTagsForResource{.resource_arn = group->arn}).tags))
        return {};
    return {"the schedule group " + name};
}

} // namespace

Kind kind()
{
    return {.name = kind_name,
            .list = "timers",
            .id_member = "arn",
            .section = section(),
            .types = {resource_type<Group>(), resource_type<ScheduleResource>()},
            .declare = declare,
            .event_sources = event_sources,
            .outputs = outputs,
            .check_output = check_output<TimerOutput>,
            .describe = describe,
            .sample_event = event_for,
            .warnings = schedule_warnings,
            .deployer_statements = deployer_statements,
            .strays = strays,
            .extras = extras};
}

} // namespace nimbus::deploy::timer
