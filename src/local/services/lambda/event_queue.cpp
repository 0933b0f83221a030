#include "local/services/lambda/event_queue.h"

#include "base/assert.h"
#include "base/backoff.h"

namespace nimbus::local {
namespace {

using Kind = InvocationResult::Kind;

/// Times are milliseconds since the epoch. `failures`: of the function; `refusals`: no room to run.
constexpr auto tables = R"(
CREATE TABLE IF NOT EXISTS lambda_events (
    id INTEGER PRIMARY KEY,
    function_arn TEXT NOT NULL,
    payload TEXT NOT NULL,
    request_id TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    due INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    is_running INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS lambda_events_due ON lambda_events (is_running, function_arn, due);
)";

/// What one function's events may take of the instances.
constexpr std::size_t most_running_per_function = 16;

constexpr Backoff refusal_backoff{std::chrono::seconds(1), std::chrono::minutes(5)};

std::chrono::minutes pause_after_failure(int failures)
{
    return std::chrono::minutes(failures == 1 ? 1 : 2);
}

/// Does the result say that the function ran, and how it went?
bool is_failure(Kind kind)
{
    return kind == Kind::function_error || kind == Kind::crashed || kind == Kind::timed_out;
}

} // namespace

struct EventQueue::Event {
    std::int64_t id;
    std::string function_arn;
    std::string request_id;
    SystemTime accepted;
    int failures;
    int refusals;
};

struct EventQueue::Outcome {
    std::int64_t event;
    std::string function_arn;
    Kind kind;
};

EventQueue::EventQueue(sqlite::Database& database, FunctionRegistry& functions, Clock clock,
                       Log log)
    : database_(database), functions_(functions), clock_(std::move(clock)), log_(std::move(log))
{
    database_.execute_script(tables);
}

EventQueue::~EventQueue() = default;

void EventQueue::put(const Function& function, const std::string& payload,
                     const std::string& request_id)
{
    const auto now = to_unix_milliseconds(clock_());
    database_.execute(
        "INSERT INTO lambda_events (function_arn, payload, request_id, accepted, due) "
        "VALUES (?, ?, ?, ?, ?)",
        {function.arn, payload, request_id, now, now});
    wake();
}

void EventQueue::attach(Invoker& invoker)
{
    // Those that were running when the cloud stopped.
    database_.execute("UPDATE lambda_events SET is_running = 0 WHERE is_running = 1");
    running_.clear();
    const MutexLock lock(mutex_);
    invoker_ = &invoker;
}

void EventQueue::start(Invoker& invoker)
{
    attach(invoker);
    const MutexLock lock(mutex_);
    NIMBUS_ASSERT(!thread_, "a queue is started once");
    thread_ = std::make_unique<TimerThread>([this] { return run_due(); }, clock_, log_);
}

void EventQueue::stop()
{
    std::unique_ptr<TimerThread> ending; // which needs the mutex to end
    {
        const MutexLock lock(mutex_);
        invoker_ = nullptr;
        ending = std::move(thread_);
    }
    ending.reset();
    const MutexLock lock(mutex_);
    results_.clear();
}

void EventQueue::wake()
{
    const MutexLock lock(mutex_);
    if (thread_)
        thread_->wake();
}

std::optional<SystemTime> EventQueue::run_due()
{
    take_results();
    const auto now = clock_();
    for (const auto& row : database_.query("SELECT DISTINCT function_arn FROM lambda_events "
                                           "WHERE is_running = 0 AND due <= ?",
                                           {to_unix_milliseconds(now)}))
        run_waiting(row.text(0), now);
    // What is due by now waits for a result, and is looked at when that comes.
    const auto next =
        database_.query_one("SELECT min(due) FROM lambda_events WHERE is_running = 0 AND due > ?",
                            {to_unix_milliseconds(now)});
    return next->is_null(0) ? std::nullopt
                            : std::optional(from_unix_milliseconds(next->integer(0)));
}

/// Starts what the function has room for, the event that is due for the longest time first.
void EventQueue::run_waiting(const std::string& function_arn, SystemTime now)
{
    const auto running = running_.find(function_arn);
    const auto taken = running == running_.end() ? 0 : running->second;
    const auto room = static_cast<std::int64_t>(most_running_per_function - taken);
    const auto record = functions_.find_arn(function_arn);
    for (const auto& row :
         database_.query("SELECT id FROM lambda_events WHERE is_running = 0 AND function_arn = ? "
                         "AND due <= ? ORDER BY due, id LIMIT ?",
                         {function_arn, to_unix_milliseconds(now), room})) {
        const auto event = find(row.integer(0));
        if (!event)
            continue;
        if (!record)
            drop(*event, "the function was deleted");
        else if (now - event->accepted > record->maximum_event_age())
            drop(*event, "it waited longer than its MaximumEventAgeInSeconds");
        else
            run(*event, record->function);
    }
}

void EventQueue::run(const Event& event, const std::shared_ptr<const Function>& function)
{
    Invoker* invoker = nullptr;
    {
        const MutexLock lock(mutex_);
        invoker = invoker_;
    }
    if (invoker == nullptr)
        return;
    const auto row = database_.query_one(
        "UPDATE lambda_events SET is_running = 1 WHERE id = ? RETURNING payload", {event.id});
    NIMBUS_ASSERT(row, "the thread that looks for events is the one that erases them");
    ++running_[event.function_arn];
    invoker->invoke(function, row->text(0), {.request_id = event.request_id},
                    [this, id = event.id, arn = event.function_arn](
                        const InvocationResult& result) { finished({id, arn, result.kind}); });
}

void EventQueue::finished(const Outcome& outcome)
{
    const MutexLock lock(mutex_);
    if (invoker_ == nullptr)
        return; // stopped
    results_.push_back(outcome);
    if (thread_)
        thread_->wake();
}

void EventQueue::take_results()
{
    std::vector<Outcome> results;
    {
        const MutexLock lock(mutex_);
        results.swap(results_);
    }
    for (const auto& outcome : results)
        take_result(outcome);
}

void EventQueue::take_result(const Outcome& outcome)
{
    const auto running = running_.find(outcome.function_arn);
    NIMBUS_ASSERT(running != running_.end() && running->second > 0, "what has ended was running");
    if (--running->second == 0)
        running_.erase(running);
    auto event = find(outcome.event);
    if (!event)
        return;
    if (outcome.kind == Kind::success)
        return erase(event->id);
    if (!is_failure(outcome.kind)) {
        ++event->refusals;
        return run_again(*event, refusal_backoff.pause(event->refusals));
    }
    ++event->failures;
    const auto record = functions_.find_arn(event->function_arn);
    if (record && event->failures <= record->maximum_retry_attempts())
        return run_again(*event, pause_after_failure(event->failures));
    drop(*event,
         "the function failed at attempt " + std::to_string(event->failures) + ", the last");
}

void EventQueue::run_again(const Event& event, std::chrono::milliseconds pause)
{
    database_.execute("UPDATE lambda_events SET is_running = 0, due = ?, failures = ?, "
                      "refusals = ? WHERE id = ?",
                      {to_unix_milliseconds(clock_() + pause), std::int64_t{event.failures},
                       std::int64_t{event.refusals}, event.id});
}

void EventQueue::drop(const Event& event, const std::string& reason)
{
    log_.warning("An event was dropped",
                 {{"request_id", event.request_id},
                  {"function", event.function_arn.substr(event.function_arn.rfind(':') + 1)},
                  {"reason", reason}});
    erase(event.id);
}

std::optional<EventQueue::Event> EventQueue::find(std::int64_t id)
{
    const auto row = database_.query_one("SELECT function_arn, accepted, failures, refusals, "
                                         "request_id "
                                         "FROM lambda_events WHERE id = ?",
                                         {id});
    if (!row)
        return std::nullopt;
    return Event{.id = id,
                 .function_arn = row->text(0),
                 .request_id = row->text(4),
                 .accepted = from_unix_milliseconds(row->integer(1)),
                 .failures = static_cast<int>(row->integer(2)),
                 .refusals = static_cast<int>(row->integer(3))};
}

void EventQueue::erase(std::int64_t id)
{
    database_.execute("DELETE FROM lambda_events WHERE id = ?", {id});
}

} // namespace nimbus::local
