#pragma once

#include "local/debugging/debugger.h"
#include "local/iam/access_control.h"
#include "local/instances/code_cache.h"
#include "local/instances/instance.h"
#include "local/instances/invocation.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace nimbus::local {

/// For how many invocations of a second the log is complete.
class LogBudget {
public:
    struct Answer {
        bool granted;
        unsigned refused_before; ///< in the last second that had any; told once
    };

    explicit LogBudget(unsigned per_second) : per_second_(per_second) {}

    Answer ask(SteadyTime now)
    {
        const auto second = now.time_since_epoch() / std::chrono::seconds(1);
        Answer answer{true, 0};
        if (second != second_) {
            second_ = second;
            granted_ = 0;
            answer.refused_before = std::exchange(refused_, 0);
        }
        answer.granted = granted_ < per_second_;
        ++(answer.granted ? granted_ : refused_);
        return answer;
    }

private:
    unsigned per_second_;
    std::int64_t second_ = 0;
    unsigned granted_ = 0;
    unsigned refused_ = 0;
};

/// The instances of one revision of a function, and the requests that wait for one. All of it is
/// the loop's thread's alone.
///
/// `waiting`: requests that found no idle instance, or that will have one of those at work sooner
/// than an idle one would have the processor; in order of arrival. A request is in one place
/// at a time: here, in an instance, or answered. It enters at the end, in Pool::take. It leaves
///  - from the front, when an instance asks for an event (Pool::instance_waits). Should that
///    instance turn out to be gone, it comes back to the front;
///  - from the front, to an idle instance, when those at work take too long (Pool::serve_waiting);
///  - from anywhere, when its caller gives up (Pool::expire_waiting);
///  - from the front, as the one to blame, when an instance fails to start, the second time;
///  - with all others, when the code or the credentials cannot be had, or the pool stops.
/// What happens outside of the loop meanwhile cannot reach it: processes start, answer and end at
/// any time, the worker unpacks code, but the loop hears of it between two of these steps.
///
/// `idle`: the instances whose runtimes wait for an event, a part of `instances`. An instance
/// enters when it asks and nothing waits, and leaves when it gets a request, when its connection
/// or its process ends, when it was idle for too long, or to make room for another function's.
struct Fleet {
    std::shared_ptr<const Function> function;
    const Runtime* runtime;
    std::shared_ptr<const CodeCache::Code> code;
    LogBudget log_budget;

    AccessKey credentials{};
    SteadyTime fresh_until{};  ///< new instances need new credentials from then on
    SteadyTime usable_until{}; ///< and instances that have them are not used any more
    bool is_preparing = false; ///< the worker unpacks the code and gets credentials

    std::deque<Invocation> waiting{};                   ///< in order of arrival
    std::vector<std::unique_ptr<Instance>> instances{}; ///< without those that are ending
    std::vector<Instance*> idle{};                      ///< the one that was used last at the end
    std::size_t starting = 0;
    std::size_t late = 0; ///< starts that were not ready in time: the next ones are invocations'
    /// How long an instance takes from one invocation to its question for the next: a moving
    /// average, zero while there is none.
    std::chrono::nanoseconds turnaround{0};
    SteadyTime last_turn{};     ///< when one has last asked
    SteadyTime doubted_turn{};  ///< the last turn that seemed to be long ago
    SteadyTime doubted_until{}; ///< and when it will be known that it is
    std::size_t ending = 0;     ///< instances elsewhere that still refer to this
    bool is_retired = false;
    /// Set: it has one instance at a time, for a debugger.
    std::optional<DebugMode> debug{};

    /// How many instances have an invocation, or are about to ask for the next.
    std::size_t at_work() const noexcept { return instances.size() - idle.size() - starting; }

    void took(std::chrono::nanoseconds time, SteadyTime now)
    {
        last_turn = now;
        constexpr int weight = 4;
        turnaround = turnaround.count() == 0 ? time : turnaround + (time - turnaround) / weight;
    }

    bool is_unused() const noexcept
    {
        return waiting.empty() && instances.empty() && ending == 0 && !is_preparing;
    }
};

} // namespace nimbus::local
