#pragma once

#include "base/time.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
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
    /// When it throws, `problem` gets the text, and it is called again within a minute.
    using Work = std::function<std::optional<SystemTime>()>;

    TimerThread(Work work, Clock clock, std::function<void(const std::string&)> problem);
    /// Waits for the work that is under way.
    ~TimerThread();
    TimerThread(const TimerThread&) = delete;
    TimerThread& operator=(const TimerThread&) = delete;

    /// Has the work called soon. From any thread, the work's own too.
    void wake();

private:
    void run();
    std::chrono::milliseconds pause_after_work();

    Work work_;
    Clock clock_;
    std::function<void(const std::string&)> problem_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_woken_ = true;     ///< guarded by mutex_
    bool is_stopping_ = false; ///< guarded by mutex_
    std::thread thread_;       ///< last: it uses all of the above
};

} // namespace nimbus::local
