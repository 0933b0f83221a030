#pragma once

#include "base/time.h"
#include "local/services/lambda/function_registry.h"
#include "local/services/timer_thread.h"
#include "sqlite/database.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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
/// It has a thread of its own, a TimerThread, for it reads and writes the database. Results come on
/// the event loop's thread, which hands them over.
class EventQueue {
public:
    /// `problem` gets a sentence when an event is dropped. `database` and `functions` outlive the
    /// queue, which outlives the invoker.
    EventQueue(sqlite::Database& database, FunctionRegistry& functions, Clock clock,
               std::function<void(const std::string&)> problem);
    ~EventQueue();

    /// Keeps the event, to be run soon. From any thread; takes part in the caller's transaction of
    /// the database.
    void put(const Function& function, const std::string& payload);

    /// Starts the thread.
    void start(Invoker& invoker);
    /// Runs no more events. Those under way count as not run.
    void stop();

    /// What `start` does but for the thread: for tests, which call run_due themselves.
    void attach(Invoker& invoker);
    /// What the thread does: takes results, and runs what is due. Returns when there is something
    /// to do next, results apart.
    std::optional<SystemTime> run_due();

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
    void wake();

    sqlite::Database& database_;
    FunctionRegistry& functions_;
    Clock clock_;
    std::function<void(const std::string&)> problem_;
    std::map<std::string, std::size_t> running_; ///< events by function; run_due's alone

    std::mutex mutex_; ///< of what follows
    Invoker* invoker_ = nullptr;
    std::vector<Outcome> results_;
    std::unique_ptr<TimerThread> thread_;
};

} // namespace nimbus::local
