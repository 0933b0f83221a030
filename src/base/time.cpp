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

/// Consumes exactly `count` digits; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t count)
{
    if (text.size() < count)
        return -1;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, std::string_view expected)
{
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(expected.size());
    return true;
}

std::optional<SystemTime> from_civil(int year, int month, int day, int hour, int minute, int second)
{
    using namespace std::chrono;
    // Nanoseconds in 64 bits reach from 1677 to 2262.
    if (year < 1678 || year > 2261 || month < 1 || day < 1 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60)
        return {};
    const year_month_day date{std::chrono::year(year),
                              std::chrono::month(static_cast<unsigned>(month)),
                              std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok())
        return {};
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

} // namespace

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
    const int year = take_digits(text, 4);
    const int month = take_digits(text, 2);
    const int day = take_digits(text, 2);
    if (!take(text, "T"))
        return {};
    const int hour = take_digits(text, 2);
    const int minute = take_digits(text, 2);
    const int second = take_digits(text, 2);
    if (text != "Z")
        return {};
    return from_civil(year, month, day, hour, minute, second);
}

std::optional<SystemTime> parse_iso8601(std::string_view text)
{
    const int year = take_digits(text, 4);
    if (!take(text, "-"))
        return {};
    const int month = take_digits(text, 2);
    if (!take(text, "-"))
        return {};
    const int day = take_digits(text, 2);
    if (!take(text, "T"))
        return {};
    const int hour = take_digits(text, 2);
    if (!take(text, ":"))
        return {};
    const int minute = take_digits(text, 2);
    if (!take(text, ":"))
        return {};
    const int second = take_digits(text, 2);
    auto time = from_civil(year, month, day, hour, minute, second);
    if (!time)
        return {};
    if (take(text, ".")) {
        int milliseconds = 0;
        int scale = 100;
        if (text.empty() || text.front() < '0' || text.front() > '9')
            return {};
        while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
            milliseconds += (text.front() - '0') * scale;
            scale /= 10;
            text.remove_prefix(1);
        }
        *time += std::chrono::milliseconds(milliseconds);
    }
    if (text != "Z")
        return {};
    return time;
}

std::optional<SystemTime> parse_http_date(std::string_view text)
{
    const auto comma = text.find(", ");
    if (comma == std::string_view::npos)
        return {};
    text.remove_prefix(comma + 2);
    const int day = take_digits(text, 2);
    if (!take(text, " ") || text.size() < 3)
        return {};
    const auto name = std::ranges::find(month_names, text.substr(0, 3));
    if (name == month_names.end())
        return {};
    const int month = static_cast<int>(name - month_names.begin()) + 1;
    text.remove_prefix(3);
    if (!take(text, " "))
        return {};
    const int year = take_digits(text, 4);
    if (!take(text, " "))
        return {};
    const int hour = take_digits(text, 2);
    if (!take(text, ":"))
        return {};
    const int minute = take_digits(text, 2);
    if (!take(text, ":"))
        return {};
    const int second = take_digits(text, 2);
    if (text != " GMT")
        return {};
    return from_civil(year, month, day, hour, minute, second);
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
