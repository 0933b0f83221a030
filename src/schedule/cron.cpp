#include "schedule/cron.h"

#include <algorithm>

namespace nimbus::schedule {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month;

int last_day_of(year_month month)
{
    const auto last = month / std::chrono::last;
    return static_cast<int>(static_cast<unsigned>(last.day()));
}

/// 1, Sunday, to 7.
int day_of_week(year_month month, int day_of_month)
{
    const local_days date(month / day(static_cast<unsigned>(day_of_month)));
    return static_cast<int>(std::chrono::weekday(date).c_encoding()) + 1;
}

/// The day from Monday to Friday next to a day, in the same month.
int nearest_weekday(year_month month, int day_of_month)
{
    constexpr int saturday = 7;
    constexpr int sunday = 1;
    switch (day_of_week(month, day_of_month)) {
    case saturday:
        return day_of_month == 1 ? 3 : day_of_month - 1;
    case sunday:
        return day_of_month == last_day_of(month) ? day_of_month - 2 : day_of_month + 1;
    default:
        return day_of_month;
    }
}

/// The first day of the month that is this day of the week.
int first_of_month(year_month month, int weekday)
{
    return 1 + (weekday - day_of_week(month, 1) + 7) % 7;
}

Values days_of_week(year_month month, const Values& weekdays)
{
    Values found;
    for (int date = 1; date <= last_day_of(month); ++date)
        if (std::ranges::binary_search(weekdays, day_of_week(month, date)))
            found.push_back(date);
    return found;
}

/// `date` if the month has it.
Values if_in(year_month month, int date)
{
    return date <= last_day_of(month) ? Values{date} : Values{};
}

} // namespace

Values DayRule::days_in(year_month month) const
{
    const int last = last_day_of(month);
    switch (kind) {
    case Kind::days_of_month:
        return {values.begin(), std::ranges::upper_bound(values, last)};
    case Kind::last_day:
        return {last};
    case Kind::last_weekday:
        return {nearest_weekday(month, last)};
    case Kind::nearest_weekday:
        return day > last ? Values{} : Values{nearest_weekday(month, day)};
    case Kind::days_of_week:
        return days_of_week(month, values);
    case Kind::last_of_month: {
        const int first = first_of_month(month, day);
        return {first + (last - first) / 7 * 7};
    }
    case Kind::nth_of_month:
        return if_in(month, first_of_month(month, day) + (nth - 1) * 7);
    }
    return {};
}

std::optional<LocalTime> Cron::next(LocalTime after) const
{
    constexpr std::chrono::seconds before_midnight(-1);
    const auto today = std::chrono::floor<days>(after);
    if (first_day(today) == today)
        if (const auto time = first_time(after - today))
            return today + *time;
    const auto day = first_day(today + days(1));
    if (!day)
        return std::nullopt;
    return *day + *first_time(before_midnight);
}

/// Not before `from`. Looks at each month of the years once at the most.
std::optional<local_days> Cron::first_day(local_days from) const
{
    const std::chrono::year_month_day start(from);
    for (const int year : fields_.years) {
        if (year < static_cast<int>(start.year()))
            continue;
        for (const int number : fields_.months) {
            const auto month = std::chrono::year(year) / number;
            if (month < start.year() / start.month())
                continue;
            for (const int date : fields_.days.days_in(month))
                if (const local_days found(month / day(static_cast<unsigned>(date))); found >= from)
                    return found;
        }
    }
    return std::nullopt;
}

/// The first time of day later than `after`, both since midnight.
std::optional<std::chrono::minutes> Cron::first_time(std::chrono::seconds after) const
{
    for (const int hour : fields_.hours)
        for (const int minute : fields_.minutes)
            if (const auto time = std::chrono::hours(hour) + std::chrono::minutes(minute);
                time > after)
                return time;
    return std::nullopt;
}

} // namespace nimbus::schedule
