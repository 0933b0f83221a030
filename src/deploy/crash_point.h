#pragma once

#include <atomic>
#include <string>
#include <type_traits>
#include <utility>

namespace nimbus::deploy {

/// Ends the process as SIGKILL would, around the n-th change to the world: tests walk through all n
/// and let the next deploy converge. Each call that changes AWS, each write of state or lock and
/// each SQL statement that changes something goes through `around`.
class CrashPoint {
public:
    /// `spec`: "<n>:before" or "<n>:after", counted from 1; empty: never. Throws UsageError for
    /// anything else.
    explicit CrashPoint(const std::string& spec);
    /// As NIMBUS_TEST_CRASH_AT says.
    static std::string environment_spec();

    /// "After" is when the change is made and its result not yet seen.
    template <class Change>
    std::invoke_result_t<Change> around(Change&& change)
    {
        if (at_ == 0)
            return std::forward<Change>(change)();
        const int number = ++count_;
        if (number == at_ && !after_)
            end_process();
        if constexpr (std::is_void_v<std::invoke_result_t<Change>>) {
            std::forward<Change>(change)();
            if (number == at_)
                end_process();
        } else {
            auto result = std::forward<Change>(change)();
            if (number == at_)
                end_process();
            return result;
        }
    }

private:
    [[noreturn]] static void end_process();

    int at_ = 0; ///< 0: never
    bool after_ = false;
    std::atomic<int> count_ = 0;
};

} // namespace nimbus::deploy
