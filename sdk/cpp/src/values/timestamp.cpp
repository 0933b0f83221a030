#include <nimbus/detail/chrono_text.hpp>
#include <nimbus/timestamp.hpp>

namespace nimbus {

timestamp timestamp::now()
{
    return timestamp(
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
}

std::optional<timestamp> timestamp::parse(std::string_view text) noexcept
{
    const auto time = detail::parse_moment(text, true);
    return time ? std::optional(timestamp(time_point(*time))) : std::nullopt;
}

std::string timestamp::to_string() const
{
    return detail::moment_to_json(
        std::chrono::floor<std::chrono::milliseconds>(time_).time_since_epoch(), true);
}

std::string timestamp::to_sql() const
{
    return detail::moment_to_sql(time_.time_since_epoch(), true);
}

std::optional<date> date::parse(std::string_view text) noexcept
{
    const auto day = detail::parse_day(text);
    return day ? std::optional(date(*day)) : std::nullopt;
}

std::string date::to_string() const
{
    return detail::day_to_text(day_);
}

} // namespace nimbus
