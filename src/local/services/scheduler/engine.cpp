#include "local/services/scheduler/engine.h"

#include "base/assert.h"
#include "base/backoff.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/random.h"
#include "local/services/scheduler/execution_role.h"
#include "local/services/scheduler/target_input.h"

#include <random>
#include <set>

namespace nimbus::local::scheduler {
namespace {

/// Between attempts. AWS says no more than that they back off exponentially.
constexpr Backoff retry_backoff{std::chrono::seconds(1), std::chrono::minutes(8)};

std::chrono::milliseconds random_in_window(std::chrono::milliseconds window)
{
    std::random_device random;
    std::uniform_int_distribution<std::int64_t> anywhere(0, window.count() - 1);
    return std::chrono::milliseconds(anywhere(random));
}

} // namespace

Engine::Engine(ScheduleStore& store, AccessControl& access, EventInvoker& invoker,
               EngineOptions options)
    : store_(store), access_(access), invoker_(invoker), options_(std::move(options))
{
    if (!options_.choose_in_window)
        options_.choose_in_window = random_in_window;
}

Engine::~Engine() = default;

void Engine::start()
{
    collapse_missed();
    const MutexLock lock(mutex_);
    NIMBUS_ASSERT(!thread_, "an engine is started once");
    thread_ =
        std::make_unique<TimerThread>([this] { return run_due(); }, options_.clock, options_.log);
}

void Engine::stop()
{
    std::unique_ptr<TimerThread> ending;
    {
        const MutexLock lock(mutex_);
        ending = std::move(thread_);
    }
}

void Engine::wake()
{
    const MutexLock lock(mutex_);
    if (thread_)
        thread_->wake();
}

std::optional<SystemTime> Engine::run_due()
{
    const auto now = options_.clock();
    store_.erase_deleted_groups();
    plan(now);
    for (auto& firing : store_.due_firings(now))
        fire(std::move(firing));
    return store_.next_due();
}

void Engine::collapse_missed()
{
    const auto now = options_.clock();
    store_.database().transaction([&] {
        plan(now);
        std::set<ScheduleId> seen;
        const auto missed = store_.due_firings(now);
        for (auto firing = missed.rbegin(); firing != missed.rend(); ++firing)
            if (!seen.insert(firing->schedule).second)
                store_.erase(*firing);
    });
}

void Engine::plan(SystemTime now)
{
    for (const auto& id : store_.schedules_to_plan(now))
        plan(id, now);
}

void Engine::plan(const ScheduleId& id, SystemTime now)
{
    store_.database().transaction([&] {
        auto schedule = store_.find(id);
        if (!schedule || !schedule->next || *schedule->next > now)
            return; // changed meanwhile
        const Moments moments(*schedule);
        const auto moment = moments.latest(*schedule->next, now).value_or(*schedule->next);
        const std::chrono::milliseconds window = schedule->settings.window;
        const auto due = window.count() == 0 ? moment : moment + options_.choose_in_window(window);
        store_.add({.schedule = id, .scheduled = moment, .opened = due, .due = due});
        schedule->next = moments.next(moment);
        store_.put(*schedule);
    });
}

void Engine::fire(Firing firing)
{
    const auto schedule = store_.find(firing.schedule);
    if (!schedule)
        return; // deleted, and its firings with it
    ++firing.attempts;
    try {
        store_.database().transaction([&] {
            invoke(*schedule, firing);
            finish(firing);
        });
    } catch (const std::exception& error) {
        refused(*schedule, std::move(firing), error.what());
    }
}

/// As the role that the schedule names. Throws when the role or the target refuses.
void Engine::invoke(const ScheduleRecord& schedule, const Firing& firing)
{
    const Execution execution{.schedule_arn = schedule.id.arn(options_.account_id),
                              .account_id = options_.account_id,
                              .region = schedule.id.region,
                              .scheduled = firing.scheduled,
                              .id = hex_encode(random_bytes(8)),
                              .attempt = firing.attempts};
    const auto& target = schedule.settings.target;
    const auto role = assume_execution_role(access_, options_.account_id, schedule.id,
                                            target.role_arn, execution.id);
    invoker_.invoke_event(role, target.arn, target_input(target.input, execution));
}

void Engine::refused(const ScheduleRecord& schedule, Firing firing, const std::string& reason)
{
    const auto& policy = schedule.settings.target.retry_policy;
    firing.due = options_.clock() + retry_backoff.pause(firing.attempts);
    const bool is_over = firing.attempts > policy.maximum_retry_attempts ||
                         firing.due > firing.opened + policy.maximum_event_age;
    if (is_over || firing.attempts == 1)
        options_.log.warning(is_over ? "A schedule gave up invoking its target"
                                     : "A schedule cannot invoke its target, and tries again",
                             {{"schedule", schedule.id.group + "/" + schedule.id.name},
                              {"target", schedule.settings.target.arn},
                              {"attempt", firing.attempts},
                              {"reason", reason}});
    store_.database().transaction([&] {
        if (is_over)
            finish(firing);
        else
            store_.put(firing);
    });
}

/// The firing was made, or is given up. A schedule that has no more may have to go.
void Engine::finish(const Firing& firing)
{
    store_.erase(firing);
    const auto schedule = store_.find(firing.schedule);
    if (schedule && schedule->settings.is_deleted_after_completion &&
        schedule->settings.is_enabled && !schedule->next && !store_.has_firings(firing.schedule))
        store_.erase(firing.schedule);
}

} // namespace nimbus::local::scheduler
