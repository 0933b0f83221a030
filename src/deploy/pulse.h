#pragma once

#include "base/mutex.h"
#include "base/time.h"

#include <atomic>
#include <thread>

namespace nimbus::deploy {

/// Notices that this process stood still: it was stopped (SIGSTOP), its container was frozen, or
/// the machine slept. A thread beats; whoever finds the last beat too long ago knows that it missed
/// some. Any thread may ask.
class Pulse {
public:
    /// Shorter pauses go unnoticed. In that time nobody takes over a lock and makes a change.
    static constexpr std::chrono::milliseconds longest_gap{100};

    Pulse();
    ~Pulse();
    Pulse(const Pulse&) = delete;
    Pulse& operator=(const Pulse&) = delete;

    /// Since it began, or since `forget`? Also true, now and then, when the machine is busy.
    bool stood_still() noexcept;
    void forget() noexcept;

private:
    void run();

    std::atomic<BootClock::time_point> last_beat_ = BootClock::now();
    std::atomic<bool> stood_still_ = false;
    Mutex mutex_;
    ConditionVariable changed_;
    bool stopping_ NIMBUS_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

} // namespace nimbus::deploy
