#include <array>
#include <cstdio>
#include <nimbus/timestamp.hpp>

namespace nimbus {

namespace {

/// Reads the parts of a date or a time from left to right; once something did not fit, nothing
/// does.
class Scanner {
public:
    explicit Scanner(std::string_view text) noexcept : rest_(text) {}

    bool skip(char c) noexcept
    {
        if (rest_.empty() || rest_.front() != c)
            return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::optional<int> number(std::size_t digits) noexcept
    {
        if (rest_.size() < digits)
            return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9')
                return std::nullopt;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }

    /// One to nine decimals as microseconds, cut off.
    std::optional<int> microseconds() noexcept
    {
        int value = 0;
        std::size_t count = 0;
        while (count < 9 && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            if (count < 6)
                value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
            ++count;
        }
        if (count == 0)
            return std::nullopt;
        for (; count < 6; ++count)
            value *= 10;
        return value;
    }

    std::optional<std::chrono::year_month_day> day() noexcept
    {
        const auto year = number(4);
        if (!year || !skip('-'))
            return std::nullopt;
        const auto month = number(2);
        if (!month || !skip('-'))
            return std::nullopt;
        const auto day = number(2);
        if (!day)
            return std::nullopt;
        const std::chrono::year_month_day result{std::chrono::year{*year},
                                                 std::chrono::month{static_cast<unsigned>(*month)},
                                                 std::chrono::day{static_cast<unsigned>(*day)}};
        return result.ok() ? std::optional(result) : std::nullopt;
    }

    std::optional<std::chrono::microseconds> time_of_day() noexcept
    {
        const auto hour = number(2);
        if (!hour || *hour > 23 || !skip(':'))
            return std::nullopt;
        const auto minute = number(2);
        if (!minute || *minute > 59 || !skip(':'))
            return std::nullopt;
        const auto second = number(2);
        if (!second || *second > 59)
            return std::nullopt;
        int fraction = 0;
        if (skip('.')) {
            const auto decimals = microseconds();
            if (!decimals)
                return std::nullopt;
            fraction = *decimals;
        }
        return std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
               std::chrono::seconds{*second} + std::chrono::microseconds{fraction};
    }

    /// Z, +hh, +hh:mm or +hhmm; nothing at all is UTC.
    std::optional<std::chrono::minutes> offset() noexcept
    {
        if (rest_.empty() || skip('Z'))
            return std::chrono::minutes{0};
        const bool negative = skip('-');
        if (!negative && !skip('+'))
            return std::nullopt;
        const auto hours = number(2);
        if (!hours)
            return std::nullopt;
        int minutes = 0;
        if (!rest_.empty()) {
            skip(':');
            const auto part = number(2);
            if (!part || *part > 59)
                return std::nullopt;
            minutes = *part;
        }
        const auto offset = std::chrono::hours{*hours} + std::chrono::minutes{minutes};
        return negative ? -offset : offset;
    }

    bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

struct Parts {
    int year;
    unsigned month;
    unsigned day;
    std::chrono::hh_mm_ss<std::chrono::microseconds> time;
};

Parts take_apart(timestamp::time_point time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day calendar{day};
    return {static_cast<int>(calendar.year()), static_cast<unsigned>(calendar.month()),
            static_cast<unsigned>(calendar.day()), std::chrono::hh_mm_ss{time - day}};
}

std::string format(timestamp::time_point time, char separator, bool milliseconds)
{
    const auto parts = take_apart(time);
    std::array<char, 64> text{};
    const auto micros = static_cast<int>(parts.time.subseconds().count());
    const int size = std::snprintf(
        text.data(), text.size(),
        milliseconds ? "%04d-%02u-%02u%c%02d:%02d:%02d.%03dZ"
                     : "%04d-%02u-%02u%c%02d:%02d:%02d.%06d+00",
        parts.year, parts.month, parts.day, separator, static_cast<int>(parts.time.hours().count()),
        static_cast<int>(parts.time.minutes().count()),
        static_cast<int>(parts.time.seconds().count()), milliseconds ? micros / 1000 : micros);
    return std::string(text.data(), static_cast<std::size_t>(size));
}

} // namespace

timestamp timestamp::now()
{
    return timestamp(
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
}

std::optional<timestamp> timestamp::parse(std::string_view text) noexcept
{
    Scanner scanner(text);
    const auto day = scanner.day();
    if (!day || !(scanner.skip('T') || scanner.skip(' ')))
        return std::nullopt;
    const auto time = scanner.time_of_day();
    if (!time)
        return std::nullopt;
    const auto offset = scanner.offset();
    if (!offset || !scanner.at_end())
        return std::nullopt;
    return timestamp(time_point(std::chrono::sys_days{*day}) + *time - *offset);
}

std::string timestamp::to_string() const
{
    return format(time_, 'T', true);
}

std::string timestamp::to_sql() const
{
    return format(time_, ' ', false);
}

std::optional<date> date::parse(std::string_view text) noexcept
{
    Scanner scanner(text);
    const auto day = scanner.day();
    if (!day || !scanner.at_end())
        return std::nullopt;
    return date(*day);
}

std::string date::to_string() const
{
    std::array<char, 32> text{};
    const int size =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day_.year()),
                      static_cast<unsigned>(day_.month()), static_cast<unsigned>(day_.day()));
    return std::string(text.data(), static_cast<std::size_t>(size));
}

} // namespace nimbus
