#include <algorithm>
#include <array>
#include <cstdio>
#include <nimbus/detail/chrono_text.hpp>
#include <stdexcept>

namespace nimbus::detail {

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

    /// In the years of std::chrono, up to 32767.
    std::optional<std::chrono::year_month_day> day() noexcept
    {
        const auto year = number(digits_of_year());
        if (!year || *year > static_cast<int>(std::chrono::year::max()) || !skip('-'))
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

    /// 24:00:00, a time of day in PostgreSQL, included.
    std::optional<micros> time_of_day() noexcept
    {
        const auto hour = number(2);
        if (!hour || *hour > 24 || !skip(':'))
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
        const auto time = std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
                          std::chrono::seconds{*second} + std::chrono::microseconds{fraction};
        return time <= std::chrono::hours{24} ? std::optional<micros>(time) : std::nullopt;
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

    /// Beyond 9999, PostgreSQL writes five digits.
    std::size_t digits_of_year() const noexcept
    {
        const auto count = std::min(rest_.find('-'), rest_.size());
        return count == 5 ? count : 4;
    }

    bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

std::string format(const char* form, auto... parts)
{
    std::array<char, 96> text{};
    const int size = std::snprintf(text.data(), text.size(), form, parts...);
    return std::string(text.data(), static_cast<std::size_t>(size));
}

/// 12:00:00 and the decimals: none, or `.` and three or six.
std::string clock_text(micros time, int decimals)
{
    const std::chrono::hh_mm_ss parts{time};
    auto text = format("%02d:%02d:%02d", static_cast<int>(parts.hours().count()),
                       static_cast<int>(parts.minutes().count()),
                       static_cast<int>(parts.seconds().count()));
    const auto fraction = static_cast<int>(parts.subseconds().count());
    if (decimals == 3)
        text += format(".%03d", fraction / 1000);
    else if (decimals == 6)
        text += format(".%06d", fraction);
    return text;
}

std::string moment_text(micros time, char separator, int decimals)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    return day_to_text(std::chrono::sys_days{day}) + separator + clock_text(time - day, decimals);
}

} // namespace

std::string moment_to_json(micros time, bool is_utc)
{
    const bool has_micros = time % std::chrono::milliseconds{1} != micros::zero();
    return moment_text(time, 'T', has_micros ? 6 : 3) + (is_utc ? "Z" : "");
}

std::string moment_to_sql(micros time, bool is_utc)
{
    return moment_text(time, ' ', 6) + (is_utc ? "+00" : "");
}

std::optional<micros> parse_moment(std::string_view text, bool is_utc) noexcept
{
    Scanner scanner(text);
    const auto day = scanner.day();
    if (!day || !(scanner.skip('T') || scanner.skip(' ')))
        return std::nullopt;
    const auto time = scanner.time_of_day();
    if (!time || *time == std::chrono::hours{24})
        return std::nullopt;
    const auto offset = is_utc ? scanner.offset() : std::chrono::minutes{0};
    if (!offset || !scanner.at_end())
        return std::nullopt;
    return std::chrono::sys_days{*day}.time_since_epoch() + *time - *offset;
}

std::string day_to_text(std::chrono::year_month_day day)
{
    return format("%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

std::optional<std::chrono::year_month_day> parse_day(std::string_view text) noexcept
{
    Scanner scanner(text);
    const auto day = scanner.day();
    return scanner.at_end() ? day : std::nullopt;
}

std::string time_of_day_to_text(micros time)
{
    if (time < micros::zero() || time > std::chrono::hours{24})
        throw std::out_of_range("a time of day is from 00:00:00 to 24:00:00, not " +
                                duration_to_text(time) + ": send a duration for an interval");
    return clock_text(time, time % std::chrono::seconds{1} != micros::zero() ? 6 : 0);
}

std::optional<micros> parse_time_of_day(std::string_view text) noexcept
{
    Scanner scanner(text);
    const auto time = scanner.time_of_day();
    return scanner.at_end() ? time : std::nullopt;
}

void throw_too_long()
{
    throw std::out_of_range("the time is beyond what microseconds can count");
}

} // namespace nimbus::detail
