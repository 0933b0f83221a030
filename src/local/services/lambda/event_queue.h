#pragma once

#include "base/log.h"
#include "base/mutex.h"
#include "base/time.h"
#include "local/services/lambda/function_registry.h"
#include "local/services/timer_thread.h"
#include "sqlite/database.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::local {

/// Lambda's queue of events: invocations of type Event, which are answered before they run. It is a
/// table of the local cloud's database, so that events survive a restart; one that was running then
/// runs again.
///
/// An event that the function fails is run again, twice at the most, one minute and then two
/// minutes later. One that finds no room to run is tried again with growing pauses. After six
/// hours, it is dropped. A function may ask for fewer attempts and less time. Source: AWS Lambda
/// Developer Guide, "How Lambda handles errors and retries with asynchronous invocation".
///
/// It has a thread of its own, a TimerThread, for it reads and writes the database. Where an event
/// is: in the table, waiting for its time (`due`) or marked as running; the thread alone moves it.
/// What races with the thread: `put` adds rows, on any thread; results come on the event loop's
/// thread, which leaves them in `results_` and wakes the thread; `stop` takes the invoker away, and
/// what comes from it later is ignored.
class EventQueue {
public:
    /// `database` and `functions` outlive the queue, which outlives the invoker.
    EventQueue(sqlite::Database& database, FunctionRegistry& functions, Clock clock, Log log);
    ~EventQueue();

    /// Keeps the event, to be run soon. `request_id`: what its sender was given; empty where nobody
    /// was. From any thread; takes part in the caller's transaction of the database.
    void put(const Function& function, const std::string& payload, const std::string& request_id)
        NIMBUS_EXCLUDES(mutex_);

    /// Starts the thread.
    void start(Invoker& invoker) NIMBUS_EXCLUDES(mutex_);
    /// Runs no more events. Those under way count as not run.
    void stop() NIMBUS_EXCLUDES(mutex_);

    /// What `start` does but for the thread: for tests, which call run_due themselves.
    void attach(Invoker& invoker) NIMBUS_EXCLUDES(mutex_);
    /// What the thread does: takes results, and runs what is due. Returns when there is something
    /// to do next, results apart.
    std::optional<SystemTime> run_due() NIMBUS_EXCLUDES(mutex_);

private:
    struct Event;
    struct Outcome;

    void run_waiting(const std::string& function_arn, SystemTime now);
    void run(const Event& event, const std::shared_ptr<const Function>& function);
    void take_results();
    void take_result(const Outcome& outcome);
    void run_again(const Event& event, std::chrono::milliseconds pause);
    void drop(const Event& event, const std::string& reason);
    std::optional<Event> find(std::int64_t id);
    void erase(std::int64_t id);
    void wake() NIMBUS_EXCLUDES(mutex_);
    void finished(const Outcome& outcome) NIMBUS_EXCLUDES(mutex_);

    sqlite::Database& database_;
    FunctionRegistry& functions_;
    Clock clock_;
    Log log_;
    std::map<std::string, std::size_t> running_; ///< events by function; run_due's alone

    Mutex mutex_;
    Invoker* invoker_ NIMBUS_GUARDED_BY(mutex_) = nullptr;
    /// What has ended since the thread looked the last time.
    std::vector<Outcome> results_ NIMBUS_GUARDED_BY(mutex_);
    std::unique_ptr<TimerThread> thread_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::local
