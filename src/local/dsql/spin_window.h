#pragma once

#include <algorithm>
#include <chrono>

namespace nimbus::local::dsql {

/// For how long a thread looks for bytes again and again before it sleeps until they come. To be
/// put to sleep and woken costs more than a short answer takes, most of all in a virtual machine
/// whose processor has gone idle meanwhile. After long waits nothing is gained: the window closes,
/// and opens again with the first short one.
///
/// Between two looks the thread yields the processor. Who waits for it longer than the window is
/// among threads that compute, and is better woken: the window stays closed for some waits, ever
/// more of them when that happens again.
class SpinWindow {
public:
    using Clock = std::chrono::steady_clock;
    using Duration = std::chrono::nanoseconds;

    static constexpr Duration longest = std::chrono::microseconds(100);
    static constexpr unsigned first_rest = 32;
    static constexpr unsigned longest_rest = 4096;

    Duration length() const noexcept { return length_; }

    /// A wait has taken that long, asleep or not.
    void waited(Duration duration) noexcept
    {
        if (rest_ > 0) {
            --rest_;
        } else if (duration <= longest) {
            length_ = longest;
            next_rest_ = std::max(first_rest, next_rest_ - 1);
        } else {
            length_ = length_ > shortest ? length_ / 2 : Duration::zero();
        }
    }

    /// Others had the processor for longer than `longest`.
    void lost_processor() noexcept
    {
        length_ = Duration::zero();
        rest_ = next_rest_;
        next_rest_ = std::min(longest_rest, 2 * next_rest_);
    }

private:
    /// Nothing answers faster.
    static constexpr Duration shortest = std::chrono::microseconds(10);

    Duration length_ = longest;
    unsigned rest_ = 0; ///< waits for which the window stays closed
    unsigned next_rest_ = first_rest;
};

} // namespace nimbus::local::dsql
