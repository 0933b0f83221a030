#pragma once

#include <chrono>

namespace nimbus {

/// How long to pause between attempts: `first` after the first failure, twice as long after each
/// further one, and never longer than `longest`. It holds no state and does not sleep: its caller
/// counts the failures and waits.
struct Backoff {
    std::chrono::milliseconds first;
    std::chrono::milliseconds longest;

    /// The pause after `failures` failed attempts; none after 0.
    std::chrono::milliseconds pause(int failures) const noexcept;

    /// A pause anywhere below that one ("full jitter"), so that callers who fail together do not
    /// come back together. `random` is a number in [0, 1). Source: the AWS Architecture Blog,
    /// "Exponential Backoff And Jitter".
    std::chrono::milliseconds jittered_pause(int failures, double random) const noexcept;
};

} // namespace nimbus
