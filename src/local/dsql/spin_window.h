#pragma once

#include <chrono>

namespace nimbus::local::dsql {

/// For how long a thread looks for bytes again and again before it sleeps until they come. To be
/// put to sleep and woken costs more than a short answer takes, most of all in a virtual machine
/// whose processor has gone idle meanwhile. After long waits nothing is gained: the window closes,
/// and opens again with the first short one.
class SpinWindow {
public:
    using Clock = std::chrono::steady_clock;
    using Duration = std::chrono::nanoseconds;

    static constexpr Duration longest = std::chrono::microseconds(100);

    Duration length() const noexcept { return length_; }

    /// A wait has taken that long, asleep or not.
    void waited(Duration duration) noexcept
    {
        if (duration <= longest)
            length_ = longest;
        else
            length_ = length_ > shortest ? length_ / 2 : Duration::zero();
    }

private:
    /// Nothing answers faster.
    static constexpr Duration shortest = std::chrono::microseconds(10);

    Duration length_ = longest;
};

} // namespace nimbus::local::dsql
