#pragma once

#include "base/log.h"
#include "base/mutex.h"
#include "local/iam/access_control.h"
#include "local/services/lambda/event_invoker.h"
#include "local/services/scheduler/schedule_store.h"
#include "local/services/timer_thread.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace nimbus::local::scheduler {

struct EngineOptions {
    std::string account_id;
    Clock clock = system_now;
    Log log{};
    /// A moment inside of a flexible window of that length: not negative, and shorter.
    std::function<std::chrono::milliseconds(std::chrono::milliseconds)> choose_in_window;
};

/// Fires schedules: plans a firing for each moment that has come, and invokes the targets of those
/// that are due. It has a thread of its own, a TimerThread, for it reads and writes the database.
///
/// All that it knows is in the store, and a firing leaves the store in the transaction in which
/// Lambda's queue takes the event: whenever the process ends, each firing is made, and made once.
/// Moments that went by while nobody looked, because the cloud was off, the machine slept or the
/// clock was set, make one firing, for the last of them.
class Engine {
public:
    /// All references outlive the engine.
    Engine(ScheduleStore& store, AccessControl& access, EventInvoker& invoker,
           EngineOptions options);
    ~Engine();

    /// Starts the thread.
    void start() NIMBUS_EXCLUDES(mutex_);
    /// Waits for what is under way, and fires nothing more.
    void stop() NIMBUS_EXCLUDES(mutex_);
    /// Something in the store has changed. From any thread.
    void wake() NIMBUS_EXCLUDES(mutex_);

    /// What the thread does. Returns when there is something to do next. Not while it runs.
    std::optional<SystemTime> run_due();
    /// Of the firings of a schedule that should have been made while the cloud was off, keeps the
    /// last. Before the thread runs.
    void collapse_missed();

private:
    void plan(SystemTime now);
    void plan(const ScheduleId& id, SystemTime now);
    void fire(Firing firing);
    void invoke(const ScheduleRecord& schedule, const Firing& firing);
    void refused(const ScheduleRecord& schedule, Firing firing, const std::string& reason);
    void finish(const Firing& firing);

    ScheduleStore& store_;
    AccessControl& access_;
    EventInvoker& invoker_;
    EngineOptions options_;
    Mutex mutex_;
    std::unique_ptr<TimerThread> thread_ NIMBUS_GUARDED_BY(mutex_); ///< null while stopped
};

} // namespace nimbus::local::scheduler
