#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus {

/// A moment in UTC with PostgreSQL's resolution of a microsecond. SQL `timestamp` (taken as UTC)
/// and `timestamptz` map to it.
class timestamp {
public:
    using time_point = std::chrono::sys_time<std::chrono::microseconds>;

    /// 1970-01-01T00:00:00Z
    timestamp() = default;
    explicit timestamp(time_point time) noexcept : time_(time) {}

    static timestamp now();
    /// 2024-12-01T12:00:00Z or 2024-12-01 12:00:00, with up to six decimals and with `Z`, an offset
    /// (+00, +02:00) or neither (UTC).
    static std::optional<timestamp> parse(std::string_view text) noexcept;
    static constexpr std::string_view type_name = "a timestamp";

    time_point time() const noexcept { return time_; }
    /// 2024-12-01T12:00:00.000Z, the form in JSON (ECMAScript's): decimals past the millisecond are
    /// cut off.
    std::string to_string() const;
    /// 2024-12-01 12:00:00.000000+00, the form as a SQL parameter.
    std::string to_sql() const;

    auto operator<=>(const timestamp&) const = default;

private:
    time_point time_{};
};

/// A day of the calendar, 2024-12-01.
class date {
public:
    /// 1970-01-01
    date() = default;
    explicit date(std::chrono::year_month_day day) noexcept : day_(day) {}

    /// YYYY-MM-DD, a day that exists.
    static std::optional<date> parse(std::string_view text) noexcept;
    static constexpr std::string_view type_name = "a date";

    std::chrono::year_month_day day() const noexcept { return day_; }
    std::string to_string() const;

    auto operator<=>(const date&) const = default;

private:
    std::chrono::year_month_day day_{std::chrono::year{1970}, std::chrono::January,
                                     std::chrono::day{1}};
};

} // namespace nimbus
