#include "base/time.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace nimbus {
namespace {

constexpr std::array<const char*, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<const char*, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct CivilTime {
    int year, month, day, hour, minute, second, millisecond, weekday;
};

CivilTime civil_time(SystemTime time)
{
    using namespace std::chrono;
    const auto days_part = floor<days>(time);
    const year_month_day date(days_part);
    const auto in_day = floor<milliseconds>(time - days_part);
    const hh_mm_ss clock(in_day);
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>(clock.hours().count()),
            static_cast<int>(clock.minutes().count()),
            static_cast<int>(clock.seconds().count()),
            static_cast<int>(clock.subseconds().count()),
            static_cast<int>(weekday(days_part).c_encoding())};
}

template <class... Arguments>
std::string print(const char* format, Arguments... arguments)
{
    std::array<char, 128> buffer;
    const int length = std::snprintf(buffer.data(), buffer.size(), format, arguments...);
    return {buffer.data(), static_cast<std::size_t>(std::max(length, 0))};
}

/// Reads by strptime(3), which takes more than it should, what `write` writes and nothing else.
std::optional<SystemTime> parse(std::string_view text, const char* format,
                                std::string (*write)(SystemTime))
{
    using namespace std::chrono;
    const std::string terminated(text);
    std::tm fields{};
    if (::strptime(terminated.c_str(), format, &fields) == nullptr)
        return {};
    const year_month_day date{year(fields.tm_year + 1900),
                              month(static_cast<unsigned>(fields.tm_mon + 1)),
                              day(static_cast<unsigned>(fields.tm_mday))};
    // Nanoseconds in 64 bits reach from 1677 to 2262.
    if (!date.ok() || date.year() < year(1678) || date.year() > year(2261))
        return {};
    const SystemTime time =
        sys_days(date) + hours(fields.tm_hour) + minutes(fields.tm_min) + seconds(fields.tm_sec);
    return write(time) == text ? std::optional(time) : std::nullopt;
}

} // namespace

BootClock::time_point BootClock::now() noexcept
{
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

SystemTime system_now()
{
    return std::chrono::system_clock::now();
}

std::string format_iso8601_milliseconds(SystemTime time)
{
    const auto t = civil_time(time);
    return print("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.year, t.month, t.day, t.hour, t.minute,
                 t.second, t.millisecond);
}

std::string format_iso8601_seconds(SystemTime time)
{
    const auto t = civil_time(time);
    return print("%04d-%02d-%02dT%02d:%02d:%02dZ", t.year, t.month, t.day, t.hour, t.minute,
                 t.second);
}

std::string format_amz_date(SystemTime time)
{
    const auto t = civil_time(time);
    return print("%04d%02d%02dT%02d%02d%02dZ", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

std::string format_http_date(SystemTime time)
{
    const auto t = civil_time(time);
    return print("%s, %02d %s %04d %02d:%02d:%02d GMT",
                 day_names[static_cast<std::size_t>(t.weekday)], t.day,
                 month_names[static_cast<std::size_t>(t.month - 1)], t.year, t.hour, t.minute,
                 t.second);
}

std::string format_request_time(SystemTime time)
{
    const auto t = civil_time(time);
    return print("%02d/%s/%04d:%02d:%02d:%02d +0000", t.day,
                 month_names[static_cast<std::size_t>(t.month - 1)], t.year, t.hour, t.minute,
                 t.second);
}

std::optional<SystemTime> parse_amz_date(std::string_view text)
{
    return parse(text, "%Y%m%dT%H%M%SZ", format_amz_date);
}

std::optional<SystemTime> parse_iso8601(std::string_view text)
{
    const auto point = text.find('.');
    if (point == std::string_view::npos)
        return parse(text, "%Y-%m-%dT%H:%M:%SZ", format_iso8601_seconds);
    auto time = parse_iso8601(std::string(text.substr(0, point)) + 'Z');
    const auto fraction = text.substr(point + 1);
    const auto end = fraction.find_first_not_of("0123456789");
    if (!time || end == 0 || end == std::string_view::npos || fraction.substr(end) != "Z")
        return {};
    int scale = 100;
    for (const char digit : fraction.substr(0, std::min<std::size_t>(end, 3))) {
        *time += std::chrono::milliseconds((digit - '0') * scale);
        scale /= 10;
    }
    return time;
}

std::optional<SystemTime> parse_http_date(std::string_view text)
{
    return parse(text, "%a, %d %b %Y %H:%M:%S GMT", format_http_date);
}

std::int64_t to_unix_seconds(SystemTime time)
{
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::int64_t to_unix_milliseconds(SystemTime time)
{
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

SystemTime from_unix_milliseconds(std::int64_t milliseconds)
{
    return SystemTime(std::chrono::milliseconds(milliseconds));
}

std::chrono::milliseconds Deadline::remaining() const
{
    using namespace std::chrono;
    if (when_ == SteadyClock::time_point::max())
        return hours(24);
    const auto left = ceil<milliseconds>(when_ - SteadyClock::now());
    return std::clamp<milliseconds>(left, milliseconds(0), hours(24));
}

} // namespace nimbus
