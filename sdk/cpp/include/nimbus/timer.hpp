#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <nimbus/detail/app_part.hpp>
#include <nimbus/function_options.hpp>
#include <nimbus/json.hpp>
#include <nimbus/log.hpp>
#include <nimbus/timestamp.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nimbus {

struct timer_options {
    std::string name;       ///< lower-case letters, digits, dashes; the function's name, too
    std::string schedule;   ///< rate(5 minutes), cron(0 2 * * ? *), at(2027-01-31T09:00:00)
    std::string timezone{}; ///< of cron and at: Europe/Berlin; empty: UTC
    std::string description{};
    bool enabled = true;
    int flexible_window = 0; ///< minutes that the timer may fire late, at most 1,440
};

namespace detail {
struct TimerEvent; // one decoded invocation; sdk/cpp/src/timer/event.h
}

/// One firing of a timer: EventBridge's scheduled event. Views stay valid as long as the event,
/// which lives as long as the handler runs; copies share the content.
class timer_event {
public:
    explicit timer_event(std::shared_ptr<const detail::TimerEvent> event) noexcept;

    /// The scheduler's id of this firing. A repetition by Lambda after a failure has the same one.
    std::string_view id() const noexcept;
    /// The moment that the schedule names; the handler may run later.
    timestamp time() const noexcept;
    /// aws.scheduler
    std::string_view source() const noexcept;
    /// Scheduled Event
    std::string_view detail_type() const noexcept;
    std::string_view region() const noexcept;
    /// The 12 digits of the AWS account.
    std::string_view account() const noexcept;
    /// The schedule's ARN.
    std::vector<std::string_view> resources() const;
    /// {}, unless the function was invoked by hand with something else.
    json::value detail() const;

    /// Lambda's id of the invocation: the one in its log lines.
    std::string_view invocation_id() const noexcept;
    /// X-Ray's header for this invocation, or "".
    std::string_view trace_id() const noexcept;
    /// Until Lambda kills the invocation; never negative.
    std::chrono::milliseconds remaining_time() const noexcept;

    /// Lines with the invocation's id.
    logger log() const { return logger(invocation_id()); }
    /// The whole event.
    const json::object& raw_event() const noexcept;

private:
    std::shared_ptr<const detail::TimerEvent> event_;
};

namespace detail {
using timer_handler = std::function<json::value(const timer_event&)>;

/// Calls `handler` and gives what it returns as JSON; null for void.
template <class Handler, class... Arguments>
json::value call_timer_handler(const Handler& handler, const Arguments&... arguments)
{
    if constexpr (std::is_void_v<std::invoke_result_t<const Handler&, const Arguments&...>>) {
        handler(arguments...);
        return nullptr;
    } else {
        return to_json(handler(arguments...));
    }
}

template <class Handler>
timer_handler make_timer_handler(Handler handler)
{
    if constexpr (std::is_invocable_v<const Handler&, const timer_event&>) {
        return [handler = std::move(handler)](const timer_event& event) {
            return call_timer_handler(handler, event);
        };
    } else if constexpr (std::is_invocable_v<const Handler&>) {
        return [handler = std::move(handler)](const timer_event&) {
            return call_timer_handler(handler);
        };
    } else {
        static_assert(always_false<Handler>, "a timer's handler takes a const nimbus::timer_event& "
                                             "or nothing, and is const-callable");
    }
}

/// The part of nimbus::app that is about timers.
class timer_declarations : public virtual app_part {
public:
    /// Has `handler` run on a schedule (Amazon EventBridge Scheduler). The handler takes a const
    /// timer_event& or nothing. A value that it returns is what `nimbus invoke` prints. When it
    /// throws, the invocation fails, and Lambda runs it again after one minute and after two more.
    /// A timer fires at least once, so a handler may see one event twice.
    template <class Handler>
    void timer(timer_options options, Handler handler, function_options function = {},
               std::source_location declared = std::source_location::current())
    {
        add_timer(std::move(options), make_timer_handler(std::move(handler)), std::move(function),
                  declared);
    }

    /// Fires the timer `name` as of `time`, in this process: for unit tests. Returns what the
    /// handler returns, or null; what it throws comes out. Throws std::out_of_range when the
    /// application declares no such timer.
    json::value invoke_timer(std::string_view name, timestamp time = timestamp::now()) const;

protected:
    ~timer_declarations() = default;

private:
    void add_timer(timer_options options, timer_handler handler, function_options function,
                   std::source_location declared);
};

} // namespace detail

} // namespace nimbus
