#include "base/number.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <nimbus/detail/chrono_text.hpp>
#include <nimbus/interval.hpp>

namespace nimbus {

namespace {

using detail::micros;

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;

/// A sum in which nothing overflows unseen.
class Sum {
public:
    void add(std::int64_t count, std::int64_t unit) noexcept
    {
        std::int64_t product = 0;
        overflows_ = overflows_ || __builtin_mul_overflow(count, unit, &product) ||
                     __builtin_add_overflow(value_, product, &value_);
    }

    template <class T>
    std::optional<T> value() const noexcept
    {
        if (overflows_ || value_ < std::numeric_limits<T>::min() ||
            value_ > std::numeric_limits<T>::max())
            return std::nullopt;
        return static_cast<T>(value_);
    }

private:
    std::int64_t value_ = 0;
    bool overflows_ = false;
};

struct Sums {
    Sum months;
    Sum days;
    Sum time;

    std::optional<interval> together() const noexcept
    {
        const auto m = months.value<std::int32_t>();
        const auto d = days.value<std::int32_t>();
        const auto t = time.value<std::int64_t>();
        if (!m || !d || !t)
            return std::nullopt;
        return interval{*m, *d, micros{*t}};
    }
};

/// 12, -12, +12, 12.5: what comes before the point, and what comes after it in millionths.
struct Number {
    std::int64_t whole = 0;
    std::int64_t millionths = 0; ///< with the sign of the number
    bool has_fraction = false;
};

bool skip(std::string_view& text, std::string_view what) noexcept
{
    if (!text.starts_with(what))
        return false;
    text.remove_prefix(what.size());
    return true;
}

/// The digits after the point as millionths; at most six.
std::optional<std::int64_t> take_fraction(std::string_view& text) noexcept
{
    const auto size = std::min(text.find_first_not_of("0123456789"), text.size());
    auto value = parse_number<std::int64_t>(text.substr(0, size));
    if (!value || size > 6)
        return std::nullopt;
    for (auto digits = size; digits < 6; ++digits)
        *value *= 10;
    text.remove_prefix(size);
    return value;
}

std::optional<Number> take(std::string_view& text) noexcept
{
    const bool is_negative = skip(text, "-");
    if (!is_negative)
        skip(text, "+");
    if (text.starts_with('-'))
        return std::nullopt;
    const auto whole = take_number<std::int64_t>(text);
    if (!whole)
        return std::nullopt;
    Number number{.whole = is_negative ? -*whole : *whole};
    if (skip(text, ".")) {
        const auto fraction = take_fraction(text);
        if (!fraction)
            return std::nullopt;
        number.millionths = is_negative ? -*fraction : *fraction;
        number.has_fraction = true;
    }
    return number;
}

/// Adds `number` of the ISO 8601 designator; false when there is no such one in that place.
bool add_designated(Sums& sums, const Number& number, char designator, bool in_time) noexcept
{
    if (number.has_fraction && !(in_time && designator == 'S'))
        return false;
    if (!in_time && designator == 'Y')
        sums.months.add(number.whole, 12);
    else if (!in_time && designator == 'M')
        sums.months.add(number.whole, 1);
    else if (!in_time && designator == 'W')
        sums.days.add(number.whole, 7);
    else if (!in_time && designator == 'D')
        sums.days.add(number.whole, 1);
    else if (in_time && designator == 'H')
        sums.time.add(number.whole, hour);
    else if (in_time && designator == 'M')
        sums.time.add(number.whole, minute);
    else if (in_time && designator == 'S') {
        sums.time.add(number.whole, second);
        sums.time.add(number.millionths, 1);
    } else
        return false;
    return true;
}

/// What follows the P.
std::optional<interval> parse_iso(std::string_view text) noexcept
{
    Sums sums;
    bool in_time = false;
    bool is_complete = false; // a number with its designator has come, since the T if there is one
    while (!text.empty()) {
        if (!in_time && skip(text, "T")) {
            in_time = true;
            is_complete = false;
            continue;
        }
        const auto number = take(text);
        if (!number || text.empty() || !add_designated(sums, *number, text.front(), in_time))
            return std::nullopt;
        text.remove_prefix(1);
        is_complete = true;
    }
    return is_complete ? sums.together() : std::nullopt;
}

/// The minutes and seconds of 04:05:06.5, which have the sign of the hours.
bool add_clock(Sums& sums, const Number& hours, bool is_negative, std::string_view& text) noexcept
{
    const auto two_digits = [&]() -> std::optional<std::int64_t> {
        const auto value = parse_number<std::int64_t>(text.substr(0, 2));
        if (!value || *value < 0 || *value > 59 || text.size() < 2)
            return std::nullopt;
        text.remove_prefix(2);
        return value;
    };
    const int sign = is_negative ? -1 : 1;
    const auto minutes = two_digits();
    if (hours.has_fraction || !minutes || !skip(text, ":"))
        return false;
    const auto seconds = two_digits();
    if (!seconds)
        return false;
    sums.time.add(hours.whole, hour);
    sums.time.add(sign * *minutes, minute);
    sums.time.add(sign * *seconds, second);
    if (skip(text, ".")) {
        const auto fraction = take_fraction(text);
        if (!fraction)
            return false;
        sums.time.add(sign * *fraction, 1);
    }
    return true;
}

/// The rest of 1 year, 2 mons or 3 days, behind the number.
bool add_unit(Sums& sums, std::int64_t count, std::string_view& text) noexcept
{
    if (skip(text, " year"))
        sums.months.add(count, 12);
    else if (skip(text, " mon"))
        sums.months.add(count, 1);
    else if (skip(text, " day"))
        sums.days.add(count, 1);
    else
        return false;
    skip(text, "s");
    return true;
}

/// PostgreSQL's output with IntervalStyle postgres (its manual, section 8.5.5).
std::optional<interval> parse_postgres(std::string_view text) noexcept
{
    Sums sums;
    while (!text.empty()) {
        const bool is_negative = text.starts_with('-');
        const auto number = take(text);
        if (!number)
            return std::nullopt;
        if (skip(text, ":")) {
            if (!add_clock(sums, *number, is_negative, text))
                return std::nullopt;
        } else if (number->has_fraction || !add_unit(sums, number->whole, text)) {
            return std::nullopt;
        }
        if (!text.empty() && (!skip(text, " ") || text.empty()))
            return std::nullopt;
    }
    return sums.together();
}

void append_part(std::string& text, std::int64_t number, char designator)
{
    if (number != 0)
        text += std::to_string(number) + designator;
}

void append_seconds(std::string& text, std::int64_t time)
{
    const auto seconds = time / second;
    const auto fraction = time % second;
    if (time == 0)
        return;
    if (time < 0)
        text += '-';
    text += std::to_string(seconds < 0 ? -seconds : seconds);
    if (fraction != 0) {
        std::array<char, 16> decimals{};
        std::snprintf(decimals.data(), decimals.size(), ".%06d",
                      static_cast<int>(fraction < 0 ? -fraction : fraction));
        text += decimals.data();
    }
    text += 'S';
}

} // namespace

std::optional<interval> interval::parse(std::string_view text) noexcept
{
    if (skip(text, "P"))
        return parse_iso(text);
    return text.empty() ? std::nullopt : parse_postgres(text);
}

std::string interval::to_string() const
{
    std::string text = "P";
    append_part(text, months / 12, 'Y');
    append_part(text, months % 12, 'M');
    append_part(text, days, 'D');
    std::string clock = "T";
    append_part(clock, time.count() / hour, 'H');
    append_part(clock, time.count() % hour / minute, 'M');
    append_seconds(clock, time.count() % minute);
    if (clock.size() > 1)
        text += clock;
    return text.size() > 1 ? text : "PT0S";
}

namespace detail {

std::string duration_to_text(micros duration)
{
    return interval{.time = duration}.to_string();
}

std::optional<micros> parse_duration(std::string_view text) noexcept
{
    const auto parsed = interval::parse(text);
    if (!parsed || parsed->months != 0)
        return std::nullopt;
    Sum sum;
    sum.add(parsed->days, 24 * hour);
    sum.add(parsed->time.count(), 1);
    const auto total = sum.value<std::int64_t>();
    return total ? std::optional(micros{*total}) : std::nullopt;
}

} // namespace detail

} // namespace nimbus
