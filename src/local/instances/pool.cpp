#include "local/instances/pool.h"

#include "base/error.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace nimbus::local {

using std::chrono::steady_clock;
using Kind = InvocationResult::Kind;

void Pool::answer_later(Invoker::Done done, InvocationResult result)
{
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

void Pool::take(const std::shared_ptr<const Function>& function, std::string payload,
                Invoker::Done done)
{
    Invocation invocation{ids_.uuid(), std::move(payload), std::move(done), steady_clock::now()};
    const auto refuse = [&](Kind kind, std::string text) {
        answer_later(
            std::move(invocation.done),
            {.kind = kind, .payload = std::move(text), .request_id = invocation.request_id});
    };
    if (stopped_)
        return refuse(Kind::unavailable, "The local cloud is stopping.");
    try {
        Fleet& fleet = fleet_of(function);
        if (fleet.waiting.empty() && give_to_idle(fleet, invocation))
            return;
        if (fleet.waiting.size() >= options_.max_waiting_per_function)
            return refuse(Kind::throttled, {});
        fleet.waiting.push_back(std::move(invocation));
        grow(fleet);
    } catch (const Error& error) {
        refuse(Kind::unavailable, std::string(error.what()) + ".");
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

bool Pool::give(Instance& instance, Invocation& invocation, SteadyTime now)
{
    const auto log = instance.fleet().log_budget.ask(now);
    if (log.refused_before > 0)
        instance.log().line(fmt::format("[nimbus] START, END and REPORT of {} more invocations in "
                                        "one second were left out",
                                        log.refused_before));
    if (!instance.run(invocation, now, log.granted))
        return false;
    alarm_.wake_by(now + memory_interval);
    return true;
}

void Pool::instance_waits(Instance& instance, bool first_time)
{
    Fleet& fleet = instance.fleet();
    if (first_time)
        --fleet.starting;
    const auto now = instance.idle_since();
    if (fleet.waiting.empty()) {
        if (fleet.is_retired)
            return instance.end();
        fleet.idle.push_back(&instance);
        alarm_.wake_by(now + options_.idle_limit);
        return grow_others();
    }
    if (!instance.usable(now) || must_make_way(fleet, now)) {
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
        --fleet.starting;
    std::erase(fleet.idle, &instance);
    const auto found =
        std::ranges::find(fleet.instances, &instance, &std::unique_ptr<Instance>::get);
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
    while (!fleet.waiting.empty() &&
           fleet.waiting.front().arrival + options_.waiting_limit <= now) {
        auto& first = fleet.waiting.front();
        answer_later(std::move(first.done),
                     {.kind = Kind::throttled, .request_id = first.request_id});
        fleet.waiting.pop_front();
    }
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
        return fleet.is_unused() && (fleet.is_retired || fleet.credentials.access_key_id.empty());
    });
}

void Pool::answer_all(Fleet& fleet, Kind kind, const std::string& payload)
{
    for (auto& invocation : std::exchange(fleet.waiting, {}))
        answer_later(
            std::move(invocation.done),
            {.kind = kind, .payload = payload, .request_id = std::move(invocation.request_id)});
}

void Pool::stop()
{
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
    for (auto& invocation : unanswered)
        invocation.done({.kind = Kind::unavailable,
                         .payload = "The local cloud is stopping.",
                         .request_id = std::move(invocation.request_id)});
}

} // namespace nimbus::local
