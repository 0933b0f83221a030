#pragma once

#include <chrono>
#include <concepts>
#include <nimbus/detail/text_form.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

/// The types of std::chrono as text, to the microsecond, which is PostgreSQL's resolution. What a
/// C++ type has beyond it is cut off; what a text has beyond the C++ type's resolution does not fit
/// into it.
///
///     sys_time     timestamptz, timestamp in UTC    2024-12-01T12:00:00.000250Z
///     local_time   timestamp                        2024-12-01T12:00:00.000250
///     sys_days, local_days, year_month_day   date   2024-12-01
///     hh_mm_ss     time                             12:00:00.000250
///     duration     interval                         PT1H30M0.000250S
///
/// A duration of months or years has no fixed length: nimbus::interval does it justice.
namespace nimbus::detail {

using micros = std::chrono::microseconds;

/// `time` since 1970, with at least three decimals in JSON and six in SQL.
std::string moment_to_json(micros time, bool is_utc);
std::string moment_to_sql(micros time, bool is_utc);
/// With `is_utc`, a text may end with `Z` or an offset; otherwise with neither.
std::optional<micros> parse_moment(std::string_view text, bool is_utc) noexcept;

std::string day_to_text(std::chrono::year_month_day day);
std::optional<std::chrono::year_month_day> parse_day(std::string_view text) noexcept;

/// 12:00:00, with six decimals where there are any.
std::string time_of_day_to_text(micros time);
std::optional<micros> parse_time_of_day(std::string_view text) noexcept;

/// ISO 8601: PT1H30M.
std::string duration_to_text(micros duration);
/// Both forms of nimbus::interval; a day has 24 hours.
std::optional<micros> parse_duration(std::string_view text) noexcept;

[[noreturn]] void throw_too_long();

template <class Duration>
inline constexpr bool is_approximate =
    std::chrono::treat_as_floating_point_v<typename Duration::rep>;

/// Rounds down. Throws std::out_of_range beyond 292,000 years.
template <class Duration>
micros to_micros(Duration duration)
{
    constexpr std::chrono::duration<double> longest = std::chrono::seconds{9'200'000'000'000};
    const std::chrono::duration<double> rough = duration;
    if (!(rough < longest && rough > -longest))
        throw_too_long();
    return std::chrono::floor<micros>(duration);
}

/// Nothing when the time falls between two ticks of `Duration`.
template <class Duration>
std::optional<Duration> in_ticks_of(micros time)
{
    if constexpr (is_approximate<Duration>) {
        return std::chrono::duration_cast<Duration>(time);
    } else {
        const auto ticks = std::chrono::floor<Duration>(time);
        return std::chrono::duration_cast<micros>(ticks) == time ? std::optional(ticks)
                                                                 : std::nullopt;
    }
}

template <class Duration>
struct moment_form {
    static constexpr bool is_day = std::same_as<Duration, std::chrono::days>;

    template <class Time>
    static std::string to_text(Time time, std::string (*write)(micros, bool), bool is_utc)
    {
        if constexpr (is_day)
            return day_to_text(std::chrono::sys_days(time.time_since_epoch()));
        else
            return write(to_micros(time.time_since_epoch()), is_utc);
    }
    template <class Time>
    static std::optional<Time> parse(std::string_view text, bool is_utc)
    {
        if constexpr (is_day) {
            const auto day = parse_day(text);
            return day ? std::optional(Time(std::chrono::sys_days(*day).time_since_epoch()))
                       : std::nullopt;
        } else {
            const auto time = parse_moment(text, is_utc);
            const auto ticks = time ? in_ticks_of<Duration>(*time) : std::nullopt;
            return ticks ? std::optional(Time(*ticks)) : std::nullopt;
        }
    }
    static std::string wanted() { return is_day ? "a date" : "a timestamp"; }
};

template <class Duration>
struct text_form<std::chrono::sys_time<Duration>> : moment_form<Duration> {
    using time = std::chrono::sys_time<Duration>;
    using form = moment_form<Duration>;
    static std::string to_json(time value) { return form::to_text(value, moment_to_json, true); }
    static std::string to_sql(time value) { return form::to_text(value, moment_to_sql, true); }
    static std::optional<time> parse(std::string_view text)
    {
        return form::template parse<time>(text, true);
    }
};

template <class Duration>
struct text_form<std::chrono::local_time<Duration>> : moment_form<Duration> {
    using time = std::chrono::local_time<Duration>;
    using form = moment_form<Duration>;
    static std::string to_json(time value) { return form::to_text(value, moment_to_json, false); }
    static std::string to_sql(time value) { return form::to_text(value, moment_to_sql, false); }
    static std::optional<time> parse(std::string_view text)
    {
        return form::template parse<time>(text, false);
    }
};

template <>
struct text_form<std::chrono::year_month_day> {
    static std::string to_json(std::chrono::year_month_day day) { return day_to_text(day); }
    static std::string to_sql(std::chrono::year_month_day day) { return day_to_text(day); }
    static std::optional<std::chrono::year_month_day> parse(std::string_view text)
    {
        return parse_day(text);
    }
    static std::string wanted() { return "a date"; }
};

template <class Duration>
struct text_form<std::chrono::hh_mm_ss<Duration>> {
    using time = std::chrono::hh_mm_ss<Duration>;
    static std::string to_json(time value)
    {
        return time_of_day_to_text(to_micros(value.to_duration()));
    }
    static std::string to_sql(time value) { return to_json(value); }
    static std::optional<time> parse(std::string_view text)
    {
        const auto parsed = parse_time_of_day(text);
        const auto ticks = parsed ? in_ticks_of<Duration>(*parsed) : std::nullopt;
        return ticks ? std::optional(time(*ticks)) : std::nullopt;
    }
    static std::string wanted() { return "a time of day"; }
};

template <class Rep, class Period>
    requires(!std::same_as<Period, std::chrono::months::period> &&
             !std::same_as<Period, std::chrono::years::period>)
struct text_form<std::chrono::duration<Rep, Period>> {
    using duration = std::chrono::duration<Rep, Period>;
    static std::string to_json(duration value) { return duration_to_text(to_micros(value)); }
    static std::string to_sql(duration value) { return to_json(value); }
    static std::optional<duration> parse(std::string_view text)
    {
        const auto parsed = parse_duration(text);
        return parsed ? in_ticks_of<duration>(*parsed) : std::nullopt;
    }
    static std::string wanted() { return "a duration such as PT1H30M"; }
};

} // namespace nimbus::detail
