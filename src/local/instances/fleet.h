#pragma once

#include "local/iam/access_control.h"
#include "local/instances/code_cache.h"
#include "local/instances/instance.h"
#include "local/instances/invocation.h"

#include <cstdint>
#include <deque>
#include <memory>
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

/// The instances of one revision of a function, and the requests that wait for one.
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
    std::size_t ending = 0; ///< instances elsewhere that still refer to this
    bool is_retired = false;

    bool is_unused() const noexcept
    {
        return waiting.empty() && instances.empty() && ending == 0 && !is_preparing;
    }
};

} // namespace nimbus::local
