#include "local/instances/pool.h"

#include "base/assert.h"
#include "base/error.h"

#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include <algorithm>

namespace nimbus::local {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = InvocationResult::Kind;

namespace {

/// How long a request waits for a function that is debugged.
constexpr std::chrono::hours debugging_limit{24};

/// How long instances at work are watched before they are taken to have stopped answering: other
/// programs may have had the processors so far.
constexpr milliseconds second_look{5};

constexpr const char* stopping = "The local cloud is stopping.";

} // namespace

std::size_t Pool::idle() const noexcept
{
    std::size_t count = 0;
    for (const auto& [key, fleet] : fleets_)
        count += fleet->idle.size();
    return count;
}

void Pool::answer_later(Invoker::Done done, InvocationResult result)
{
    NIMBUS_ASSERT(done != nullptr, "a request has one result");
    boost::asio::post(context(), [done = std::move(done), result = std::move(result)]() mutable {
        done(std::move(result));
    });
}

Fleet& Pool::fleet_of(const std::shared_ptr<const Function>& function)
{
    const std::pair<std::string_view, std::string_view> key(function->arn, function->revision_id);
    const auto found = fleets_.find(key);
    if (found != fleets_.end())
        return *found->second;
    const auto runtime = options_.runtimes.find(function->runtime);
    if (runtime == options_.runtimes.end())
        throw Error("The local cloud has no runtime '" + function->runtime +
                    "', which the function " + function->name + " asks for");
    auto fleet = std::make_unique<Fleet>(
        Fleet{.function = function,
              .runtime = &runtime->second,
              .code = codes_.find(function->code_sha256),
              .log_budget = LogBudget(options_.logged_invocations_per_second)});
    return *fleets_.emplace(std::pair(function->arn, function->revision_id), std::move(fleet))
                .first->second;
}

InvocationResult Pool::not_begun(const Invocation& invocation, const Function& function, Kind kind,
                                 std::string reason) const
{
    const auto waited = steady_clock::now() - invocation.arrival;
    cloud_log_.warning(
        "An invocation was refused",
        {{"request_id", invocation.caller_request_id},
         {"invocation_id", invocation.request_id},
         {"function", function.name},
         {"milliseconds", std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()},
         {"reason", reason}});
    return {.kind = kind,
            .payload = kind == Kind::unavailable ? reason : std::string(),
            .request_id = invocation.request_id,
            .log_tail = {},
            .reason = std::move(reason)};
}

void Pool::take(const std::shared_ptr<const Function>& function, std::string payload, Caller caller,
                Invoker::Done done)
{
    NIMBUS_ASSERT(is_on_loop(), "requests are taken on the loop's thread");
    NIMBUS_ASSERT(function != nullptr && done != nullptr, "a request has a function and a caller");
    const auto now = steady_clock::now();
    Invocation invocation{.request_id = ids_.uuid(),
                          .caller_request_id = std::move(caller.request_id),
                          .payload = std::move(payload),
                          .client_context = std::move(caller.client_context),
                          .done = std::move(done),
                          .arrival = now,
                          .give_up_at =
                              std::min(now + options_.waiting_limit, caller.deadline.when())};
    if (invocation.caller_request_id.empty())
        invocation.caller_request_id = invocation.request_id;
    const auto refuse = [&](Kind kind, std::string why) {
        auto result = not_begun(invocation, *function, kind, std::move(why));
        answer_later(std::move(invocation.done), std::move(result));
    };
    if (stopped_)
        return refuse(Kind::unavailable, stopping);
    if (strikes(Fault::throttle, invocation, *function))
        return refuse(Kind::throttled, "a fault on demand");
    try {
        Fleet& fleet = fleet_of(function);
        heed_debugging(fleet);
        if (fleet.debug)
            invocation.give_up_at = now + debugging_limit;
        invocation.needs_new_instance = strikes(Fault::cold_start, invocation, *function);
        if (invocation.needs_new_instance)
            while (!fleet.idle.empty())
                fleet.idle.back()->end();
        if (fleet.waiting.empty() && !is_worth_waiting(fleet, 0, options_.wait_in_a_crowd) &&
            give_to_idle(fleet, invocation))
            return;
        if (fleet.waiting.size() >= options_.max_waiting_per_function)
            return refuse(Kind::throttled,
                          fmt::format("{} requests wait already", fleet.waiting.size()));
        alarm_.wake_by(invocation.give_up_at);
        fleet.waiting.push_back(std::move(invocation));
        grow(fleet);
    } catch (const Error& error) {
        refuse(Kind::unavailable, std::string(error.what()) + ".");
    }
}

/// Instances that were started otherwise than is wanted now are ended when they are idle.
void Pool::heed_debugging(Fleet& fleet)
{
    auto mode = options_.debugging->mode_of(fleet.function->name);
    if (mode && mode->is_native() != fleet.runtime->arguments_to_inspect.empty())
        mode.reset();
    if (mode == fleet.debug)
        return;
    fleet.debug = mode;
    while (!fleet.idle.empty())
        fleet.idle.back()->end();
}

bool Pool::strikes(Fault fault, const Invocation& invocation, const Function& function) const
{
    return options_.faults->strikes(fault, cloud_log_,
                                    {{"request_id", invocation.caller_request_id},
                                     {"invocation_id", invocation.request_id},
                                     {"function", function.name}});
}

/// More processes at work than the machine can run take time from each other: where those at work
/// are quick, the next of them serves the request sooner. Does its turn come within `limit`, after
/// those that are ahead of it?
bool Pool::is_worth_waiting(const Fleet& fleet, std::size_t ahead, milliseconds limit) const
{
    const auto at_work = fleet.at_work();
    return at_work >= options_.crowd && fleet.turnaround.count() > 0 &&
           fleet.turnaround * static_cast<std::int64_t>(ahead + 1) <
               limit * static_cast<std::int64_t>(at_work);
}

/// Until when the first request that waits goes on to wait for the instances at work; nothing when
/// it should not. They have `limit` for their next answer, and are then looked at twice.
std::optional<SteadyTime> Pool::time_to_wait(Fleet& fleet, milliseconds limit, SteadyTime now) const
{
    if (!is_worth_waiting(fleet, fleet.waiting.size() - 1, limit))
        return std::nullopt;
    const auto until = std::max(fleet.waiting.front().arrival, fleet.last_turn) + limit;
    if (until > now)
        return until;
    if (fleet.doubted_turn != fleet.last_turn) {
        fleet.doubted_turn = fleet.last_turn;
        fleet.doubted_until = now + second_look;
    }
    return fleet.doubted_until > now ? std::optional(fleet.doubted_until) : std::nullopt;
}

/// Gives requests that do not wait for the instances at work to idle ones.
void Pool::serve_waiting(Fleet& fleet, SteadyTime now)
{
    while (!fleet.waiting.empty() && !fleet.idle.empty()) {
        if (const auto until = time_to_wait(fleet, options_.wait_in_a_crowd, now))
            return alarm_.wake_by(*until);
        auto invocation = std::move(fleet.waiting.front());
        fleet.waiting.pop_front();
        if (!give_to_idle(fleet, invocation))
            fleet.waiting.push_front(std::move(invocation));
    }
}

bool Pool::give_to_idle(Fleet& fleet, Invocation& invocation)
{
    while (!fleet.idle.empty()) {
        auto* instance = fleet.idle.back();
        fleet.idle.pop_back();
        if (instance->usable(invocation.arrival) && give(*instance, invocation, invocation.arrival))
            return true;
        instance->end();
    }
    return false;
}

InstanceLog::Detail Pool::detail_for(Instance& instance, SteadyTime now)
{
    const auto log = instance.fleet().log_budget.ask(now);
    if (log.refused_before > 0)
        instance.log().line(fmt::format("[nimbus] START, END and REPORT of {} more invocations in "
                                        "one second were left out",
                                        log.refused_before));
    return log.granted ? InstanceLog::Detail::complete : InstanceLog::Detail::brief;
}

bool Pool::give(Instance& instance, Invocation& invocation, SteadyTime now)
{
    if (!instance.run(invocation, now, detail_for(instance, now)))
        return false;
    alarm_.wake_by(now + memory_interval);
    return true;
}

void Pool::instance_started(Instance& instance)
{
    Fleet& fleet = instance.fleet();
    NIMBUS_ASSERT(fleet.starting > 0, "an instance that has started was starting");
    --fleet.starting;
}

void Pool::instance_waits(Instance& instance)
{
    Fleet& fleet = instance.fleet();
    NIMBUS_ASSERT(is_on_loop() && !stopped_, "instances ask on the loop's thread, until the end");
    const auto now = instance.idle_since();
    if (instance.is_used())
        fleet.took(now - instance.run_since(), now);
    if (fleet.waiting.empty()) {
        if (fleet.is_retired || instance.debug() != fleet.debug)
            return instance.end();
        NIMBUS_ASSERT(std::ranges::find(fleet.idle, &instance) == fleet.idle.end(),
                      "an instance is idle once");
        fleet.idle.push_back(&instance);
        alarm_.wake_by(now + options_.idle_limit);
        return grow_others();
    }
    const bool is_used_up = fleet.waiting.front().needs_new_instance && instance.is_used();
    if (!instance.usable(now) || is_used_up || instance.debug() != fleet.debug ||
        must_make_way(fleet, now)) {
        instance.end();
        grow_others();
        return grow(fleet);
    }
    auto invocation = std::move(fleet.waiting.front());
    fleet.waiting.pop_front();
    if (!give(instance, invocation, now)) {
        fleet.waiting.push_front(std::move(invocation));
        instance.end();
    }
    grow(fleet);
}

void Pool::instance_left(Instance& instance)
{
    std::erase(instance.fleet().idle, &instance);
    alarm_.wake_by(instance.deadline());
}

void Pool::instance_ending(Instance& instance)
{
    Fleet& fleet = instance.fleet();
    if (instance.starting())
        instance_started(instance);
    std::erase(fleet.idle, &instance);
    const auto found =
        std::ranges::find(fleet.instances, &instance, &std::unique_ptr<Instance>::get);
    NIMBUS_ASSERT(found != fleet.instances.end() && running_ > 0, "what ends was running");
    ending_.push_back(std::move(*found));
    fleet.instances.erase(found);
    ++fleet.ending;
    --running_;
}

void Pool::instance_failed_to_start(Instance& instance)
{
    Fleet& fleet = instance.fleet();
    if (fleet.waiting.empty())
        return;
    if (instance.was_not_ready_in_time()) {
        ++fleet.late;
        return;
    }
    auto& first = fleet.waiting.front();
    const bool is_retried = instance.may_try_again() && first.failed_starts++ == 0;
    if (is_retried)
        return;
    auto result = instance.blame(first);
    answer_later(std::move(first.done), std::move(result));
    fleet.waiting.pop_front();
}

void Pool::instance_gone(Instance& instance)
{
    Fleet& fleet = instance.fleet();
    NIMBUS_ASSERT(is_on_loop() && fleet.ending > 0, "what is gone was ending");
    --fleet.ending;
    std::erase_if(ending_, [&](const auto& each) { return each.get() == &instance; });
    if (stopped_)
        return;
    grow(fleet);
    grow_others();
    collect_unused();
}

void Pool::tick()
{
    NIMBUS_ASSERT(is_on_loop() && !stopped_, "no alarm goes off when all has stopped");
    const auto now = steady_clock::now();
    const bool look_at_memory = now - memory_checked_ >= memory_interval;
    if (look_at_memory)
        memory_checked_ = now;
    bool is_any_limited = false;
    for (const auto& [key, fleet] : fleets_) {
        expire_waiting(*fleet, now);
        end_idle(*fleet, now);
        std::vector<Instance*> instances;
        for (const auto& instance : fleet->instances)
            instances.push_back(instance.get());
        for (auto* instance : instances) {
            const auto again = instance->check(now, look_at_memory);
            is_any_limited = is_any_limited || again != SteadyTime::max();
            alarm_.wake_by(again);
        }
        grow(*fleet);
    }
    if (is_any_limited)
        alarm_.wake_by(memory_checked_ + memory_interval);
}

void Pool::expire_waiting(Fleet& fleet, SteadyTime now)
{
    const auto too_late = [&](const Invocation& each) { return each.give_up_at <= now; };
    for (auto late = std::ranges::find_if(fleet.waiting, too_late); late != fleet.waiting.end();
         late = std::find_if(late, fleet.waiting.end(), too_late)) {
        auto result =
            not_begun(*late, *fleet.function, Kind::throttled,
                      fmt::format("none of {} instances was free in time", fleet.instances.size()));
        answer_later(std::move(late->done), std::move(result));
        late = fleet.waiting.erase(late);
    }
    for (const auto& each : fleet.waiting)
        alarm_.wake_by(each.give_up_at);
}

void Pool::end_idle(Fleet& fleet, SteadyTime now)
{
    while (!fleet.idle.empty() && (fleet.idle.front()->idle_since() + options_.idle_limit <= now ||
                                   !fleet.idle.front()->usable(now)))
        fleet.idle.front()->end();
    if (!fleet.idle.empty())
        alarm_.wake_by(fleet.idle.front()->idle_since() + options_.idle_limit);
}

void Pool::retire(const std::string& function_arn, const std::string& current_revision)
{
    NIMBUS_ASSERT(is_on_loop(), "fleets are retired on the loop's thread");
    for (const auto& [key, fleet] : fleets_) {
        if (key.first != function_arn || key.second == current_revision)
            continue;
        fleet->is_retired = true;
        while (!fleet->idle.empty())
            fleet->idle.back()->end();
    }
    collect_unused();
}

void Pool::collect_unused()
{
    std::erase_if(fleets_, [](const auto& entry) {
        const Fleet& fleet = *entry.second;
        NIMBUS_ASSERT(fleet.idle.size() <= fleet.instances.size(), "idle instances are instances");
        return fleet.is_unused() && (fleet.is_retired || fleet.credentials.access_key_id.empty());
    });
}

void Pool::answer_all(Fleet& fleet, const std::string& why)
{
    for (auto& invocation : std::exchange(fleet.waiting, {})) {
        auto result = not_begun(invocation, *fleet.function, Kind::unavailable, why);
        answer_later(std::move(invocation.done), std::move(result));
    }
}

void Pool::stop()
{
    NIMBUS_ASSERT(is_on_loop(), "a pool stops on the loop's thread, or after the loop");
    stopped_ = true;
    alarm_.cancel();
    std::vector<Invocation> unanswered;
    for (const auto& [key, fleet] : fleets_) {
        for (auto& invocation : std::exchange(fleet->waiting, {}))
            unanswered.push_back(std::move(invocation));
        while (!fleet->instances.empty()) {
            auto& instance = *fleet->instances.back();
            if (auto invocation = instance.take_invocation())
                unanswered.push_back(std::move(*invocation));
            instance.end();
        }
    }
    for (const auto& instance : ending_)
        instance->reap();
    ending_.clear();
    for (const auto& [key, fleet] : fleets_)
        fleet->ending = 0;
    NIMBUS_ASSERT(running_ == 0, "a pool that has stopped has no instances");
    for (auto& invocation : unanswered)
        invocation.done({.kind = Kind::unavailable,
                         .payload = stopping,
                         .request_id = std::move(invocation.request_id),
                         .log_tail = {},
                         .reason = stopping});
}

} // namespace nimbus::local
