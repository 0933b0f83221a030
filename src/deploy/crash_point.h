#pragma once

#include <atomic>
#include <string>
#include <type_traits>
#include <utility>

namespace nimbus::deploy {

/// Kills the process, or stops it, around the n-th change to the world: tests walk through all n
/// and let the next deploy converge. Each call that changes AWS, each write of state or lock and
/// each SQL statement that changes something goes through `around`.
class CrashPoint {
public:
    enum class Effect { kills, stops }; ///< by SIGKILL, by SIGSTOP

    /// `spec`: "<n>:before" or "<n>:after", counted from 1; empty: never. Throws UsageError for
    /// anything else.
    explicit CrashPoint(const std::string& spec, Effect effect = Effect::kills);
    /// As NIMBUS_TEST_CRASH_AT or NIMBUS_TEST_STOP_AT says.
    static CrashPoint from_environment();

    /// "After" is when the change is made and its result not yet seen.
    template <class Change>
    std::invoke_result_t<Change> around(Change&& change)
    {
        if (at_ == 0)
            return std::forward<Change>(change)();
        const int number = ++count_;
        if (number == at_ && !after_)
            take_effect();
        if constexpr (std::is_void_v<std::invoke_result_t<Change>>) {
            std::forward<Change>(change)();
            if (number == at_ && after_)
                take_effect();
        } else {
            auto result = std::forward<Change>(change)();
            if (number == at_ && after_)
                take_effect();
            return result;
        }
    }

private:
    void take_effect() const;

    int at_ = 0; ///< 0: never
    bool after_ = false;
    Effect effect_;
    std::atomic<int> count_ = 0;
};

} // namespace nimbus::deploy
