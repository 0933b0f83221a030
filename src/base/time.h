#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus {

using SystemTime = std::chrono::system_clock::time_point;
/// The current time, injectable: tests pin it, main passes `system_now`.
using Clock = std::function<SystemTime()>;

SystemTime system_now();

/// Time since the machine started that goes on while the machine is suspended, or this process is
/// stopped (CLOCK_BOOTTIME, clock_gettime(2)). The steady clock stands still in a suspended
/// machine.
struct BootClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BootClock>;
    static constexpr bool is_steady = true;

    static time_point now() noexcept;
};

/// 2024-12-01T12:00:00.000Z
std::string format_iso8601_milliseconds(SystemTime time);
/// 2024-12-01T12:00:00Z
std::string format_iso8601_seconds(SystemTime time);
/// 20241201T120000Z, the form of X-Amz-Date
std::string format_amz_date(SystemTime time);
/// Sun, 01 Dec 2024 12:00:00 GMT (RFC 9110 section 5.6.7)
std::string format_http_date(SystemTime time);
/// 01/Dec/2024:12:00:00 +0000, the form of API Gateway's requestContext.requestTime
std::string format_request_time(SystemTime time);

std::optional<SystemTime> parse_amz_date(std::string_view text);
/// Seconds with optional fraction and `Z`.
std::optional<SystemTime> parse_iso8601(std::string_view text);
std::optional<SystemTime> parse_http_date(std::string_view text);

std::int64_t to_unix_seconds(SystemTime time);
std::int64_t to_unix_milliseconds(SystemTime time);
SystemTime from_unix_milliseconds(std::int64_t milliseconds);

/// A moment by which something must have happened; passed down, never re-invented.
class Deadline {
public:
    using SteadyClock = std::chrono::steady_clock;

    static Deadline never() { return Deadline(SteadyClock::time_point::max()); }
    static Deadline after(std::chrono::milliseconds duration)
    {
        return Deadline(SteadyClock::now() + duration);
    }

    SteadyClock::time_point when() const noexcept { return when_; }
    bool reached() const { return SteadyClock::now() >= when_; }
    /// Never negative; capped at one day so that it fits every poll(2) timeout.
    std::chrono::milliseconds remaining() const;

private:
    explicit Deadline(SteadyClock::time_point when) : when_(when) {}
    SteadyClock::time_point when_;
};

} // namespace nimbus
