#include "deploy/kinds/timer/schedule.h"

#include "aws/ops/scheduler/schedules.h"
#include "base/time.h"
#include "deploy/kinds/function/function.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/function/role.h"
#include "deploy/kinds/timer/event.h"
#include "schedule/schedule.h"
#include "schedule/time_zone.h"

#include <set>

namespace nimbus::deploy::timer {
namespace {

namespace scheduler = aws::scheduler;

constexpr std::size_t told_times = 5;
/// Inline policies have 10,240 characters: beyond that many functions their names' common start has
/// to do.
constexpr std::size_t most_named_functions = 40;

std::string state_of(bool enabled)
{
    return enabled ? "ENABLED" : "DISABLED";
}

std::string text_of(const std::optional<SystemTime>& date)
{
    return date ? format_iso8601_seconds(*date) : std::string();
}

scheduler::ScheduleSettings settings_of(const ScheduleInputs& inputs)
{
    const ScheduleSettings fixed;
    scheduler::ScheduleSettings settings{
        .schedule_expression = inputs.schedule,
        .schedule_expression_timezone = inputs.timezone,
        .description = inputs.description,
        .enabled = inputs.state == state_of(true),
        .target = {.arn = inputs.function,
                   .role_arn = inputs.role,
                   .input = inputs.input,
                   .retry_policy = {.maximum_retry_attempts = fixed.maximum_retry_attempts,
                                    .maximum_event_age_in_seconds = fixed.maximum_event_age}}};
    if (inputs.flexible_window > 0)
        settings.flexible_window_in_minutes = inputs.flexible_window;
    return settings;
}

/// What "rate(5 minutes)" says, or "" for other expressions. A rate without a start date calls its
/// target at once (EventBridge Scheduler User Guide, "Rate-based schedules"), and counts from
/// there.
std::string period_of(const Timer& timer)
{
    constexpr std::string_view begin = "rate(";
    return timer.schedule.starts_with(begin)
               ? timer.schedule.substr(begin.size(), timer.schedule.size() - begin.size() - 1)
               : std::string();
}

/// "every minute", "every 5 minutes"; "" for other expressions than rates.
std::string frequency_of(const Timer& timer)
{
    const auto period = period_of(timer);
    if (period.empty())
        return {};
    return "every " + (period.starts_with("1 ") ? period.substr(2) : period);
}

/// Of a rate that starts anew: it is "created" or "changed".
std::string start_of(const Timer& timer, std::string_view done)
{
    const auto frequency = frequency_of(timer);
    if (frequency.empty() || !timer.enabled)
        return {};
    return "fires as soon as it is " + std::string(done) + ", then " + frequency +
           ". Counted from now:";
}

/// Why no time of its schedule is left.
std::string why_over(const Timer& timer)
{
    return timer.schedule.starts_with("at(") ? "its time is past"
                                             : "no time of its schedule is left";
}

bool is_over(const Timer& timer, SystemTime now)
{
    return schedule::Schedule(timer.schedule, timer.timezone, now).next_n(now, 1).empty();
}

/// The next times of an expression that the manifest's check found right.
std::vector<std::string> notes_of(const Timer& timer)
{
    if (!timer.enabled)
        return {"is disabled: it does not fire"};
    const auto now = system_now();
    const schedule::Schedule schedule(timer.schedule, timer.timezone, now);
    const schedule::TimeZone zone(timer.timezone);
    std::vector<std::string> notes;
    for (const auto time : schedule.next_n(now, told_times))
        notes.push_back("next: " + zone.format(time));
    if (notes.empty())
        notes.push_back("never fires: " + why_over(timer));
    return notes;
}

Node role_of_timers(const Application& application, const std::vector<Timer>& timers,
                    const function::FunctionsByName& declared)
{
    std::set<std::string> arns;
    for (const auto& timer : timers)
        arns.insert(function::function_arn(application, declared.at(timer.function)));
    std::vector<std::string> functions(arns.begin(), arns.end());
    if (functions.size() > most_named_functions)
        functions = {function::function_arn_pattern(application)};
    return function::role_node(application, role_node_name,
                               trust_in("scheduler.amazonaws.com", application.target.account_id,
                                        group_arn(application)),
                               {{.actions = {"lambda:InvokeFunction"}, .resources = functions}})
        .node();
}

Node schedule_node(const Application& application, const Timer& timer,
                   const manifest::Function& called)
{
    const auto arn = arn_of(application.target, "scheduler",
                            "schedule/" + group_name(application.deployment()) + '/' + timer.name);
    ScheduleInputs inputs{.group = group_name(application.deployment()),
                          .schedule = timer.schedule,
                          .timezone = timer.timezone,
                          .description = timer.description,
                          .state = state_of(timer.enabled),
                          .flexible_window = timer.flexible_window.value_or(0),
                          .function = function::function_arn(application, called),
                          .role = function::iam_role_arn(application, role_node_name),
                          .input = event_template(application.target)};
    NodeOf<ScheduleResource> node{.name = timer.name,
                                  .identity = {.schedule_name = timer.name, .arn = arn},
                                  .inputs = std::move(inputs),
                                  .depends_on = {key_of<Group>(group_node_name),
                                                 key_of<function::Role>(role_node_name),
                                                 key_of<function::Function>(called.name)},
                                  .parent = key_of<Group>(group_node_name),
                                  .notes = notes_of(timer),
                                  .creation_note = start_of(timer, "created"),
                                  .update_note = start_of(timer, "changed")};
    // It may fire at once.
    for (const auto& key : function::works_with(application, called))
        node.depend_on(key);
    return std::move(node).node();
}

} // namespace

std::vector<Node> schedule_nodes(const Application& application)
{
    const auto& timers = application.manifest.declared.of<Timer>();
    if (timers.empty())
        return {};
    const function::FunctionsByName declared(application.manifest);
    std::vector<Node> nodes{role_of_timers(application, timers, declared)};
    for (const auto& timer : timers)
        nodes.push_back(schedule_node(application, timer, declared.at(timer.function)));
    return nodes;
}

std::vector<std::string> schedule_warnings(World&, const Application& application)
{
    std::vector<std::string> warnings;
    const auto now = system_now();
    for (const auto& timer : application.manifest.declared.of<Timer>())
        if (timer.enabled && is_over(timer, now))
            warnings.push_back("The timer '" + timer.name + "' never fires: " + why_over(timer) +
                               " (" + timer.schedule + ", " + timer.timezone + ").");
    return warnings;
}

std::optional<ScheduleResource::Observed> ScheduleResource::read(World& world, Reads&,
                                                                 const Subject& subject)
{
    if (!subject.parent)
        return {};
    const auto found = world.find(scheduler::GetSchedule{.name = subject.outputs.schedule_name,
                                                         .group_name = subject.parent->group_name});
    if (!found)
        return {};
    const auto& settings = found->settings;
    const auto& target = settings.target;
    Observed observed{
        .inputs = {.group = found->group_name,
                   .schedule = settings.schedule_expression,
                   .timezone = settings.schedule_expression_timezone,
                   .description = settings.description,
                   .state = state_of(settings.enabled),
                   .flexible_window = settings.flexible_window_in_minutes.value_or(0),
                   .function = target.arn,
                   .role = target.role_arn,
                   .input = target.input},
        .outputs = {.schedule_name = found->name, .arn = found->arn},
        .settings = {.maximum_retry_attempts = target.retry_policy.maximum_retry_attempts,
                     .maximum_event_age = target.retry_policy.maximum_event_age_in_seconds,
                     .start_date = text_of(settings.start_date),
                     .end_date = text_of(settings.end_date),
                     .action_after_completion = settings.action_after_completion,
                     .dead_letter_queue = target.dead_letter_arn,
                     .kms_key = settings.kms_key_arn}};
    if (!settings.enabled)
        observed.condition = "disabled";
    return observed;
}

ScheduleOutputs ScheduleResource::create(World& world, const Subject& subject, const Inputs& inputs)
{
    const auto made = world.call(scheduler::CreateSchedule{.name = subject.outputs.schedule_name,
                                                           .group_name = inputs.group,
                                                           .settings = settings_of(inputs),
                                                           .client_token = subject.nonce});
    return {.schedule_name = subject.outputs.schedule_name, .arn = made.schedule_arn};
}

ScheduleOutputs ScheduleResource::update(World& world, const Subject& subject, const Inputs& inputs,
                                         const Observed& observed)
{
    world.call(scheduler::UpdateSchedule{.name = subject.outputs.schedule_name,
                                         .group_name = inputs.group,
                                         .settings = settings_of(inputs)});
    return observed.outputs;
}

void ScheduleResource::destroy(World& world, const Subject& subject)
{
    if (subject.parent)
        world.find(scheduler::DeleteSchedule{.name = subject.outputs.schedule_name,
                                             .group_name = subject.parent->group_name});
}

} // namespace nimbus::deploy::timer
