#pragma once

#include "base/log.h"
#include "base/mutex.h"
#include "base/time.h"

#include <functional>
#include <optional>
#include <thread>

namespace nimbus::local {

/// A thread that does what is due, for services that act without being asked. What it does may
/// block (it writes to the database), so it does not belong on the event loop.
///
/// It sleeps until the moment that its work named, until `wake`, or for a minute: a clock that was
/// set, or a machine that slept, is noticed within that time.
class TimerThread {
public:
    /// Does what is due and says when there is something to do next. Called on the thread only.
    /// When it throws, the log gets the reason, and it is called again within a minute.
    using Work = std::function<std::optional<SystemTime>()>;

    TimerThread(Work work, Clock clock, Log log);
    /// Waits for the work that is under way.
    ~TimerThread();
    TimerThread(const TimerThread&) = delete;
    TimerThread& operator=(const TimerThread&) = delete;

    /// Has the work called soon. From any thread, the work's own too.
    void wake() NIMBUS_EXCLUDES(mutex_);

private:
    void run() NIMBUS_EXCLUDES(mutex_);
    /// False when the thread has to end.
    bool wait(std::chrono::milliseconds pause) NIMBUS_EXCLUDES(mutex_);
    std::chrono::milliseconds pause_after_work();

    Work work_;
    Clock clock_;
    Log log_;
    Mutex mutex_;
    ConditionVariable changed_;
    bool is_woken_ NIMBUS_GUARDED_BY(mutex_) = true;
    bool is_stopping_ NIMBUS_GUARDED_BY(mutex_) = false;
    std::thread thread_; ///< last: it uses all of the above
};

} // namespace nimbus::local
