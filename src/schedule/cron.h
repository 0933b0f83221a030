#pragma once

#include "schedule/time_zone.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace nimbus::schedule {

/// Numbers that a field stands for, ascending.
using Values = std::vector<int>;

/// The days of a month that the day-of-month or the day-of-week field stands for. Days of the week
/// are counted as Scheduler does, from 1, Sunday.
struct DayRule {
    enum class Kind {
        days_of_month,   ///< `values`
        last_day,        ///< L
        last_weekday,    ///< LW: the last day from Monday to Friday
        nearest_weekday, ///< 15W: the day from Monday to Friday next to `day`, in the same month
        days_of_week,    ///< `values`
        last_of_month,   ///< 6L: the last `day` of the week
        nth_of_month,    ///< 6#2: the `nth` `day` of the week
    };
    Kind kind;
    Values values;
    int day = 0;
    int nth = 0;

    /// Ascending; none when the month has no such day.
    Values days_in(std::chrono::year_month month) const;
};

/// The six fields of a cron expression.
class Cron {
public:
    struct Fields {
        Values minutes, hours, months, years; ///< none is empty
        DayRule days;
    };

    explicit Cron(Fields fields) : fields_(std::move(fields)) {}

    /// The first local time later than `after`.
    std::optional<LocalTime> next(LocalTime after) const;

private:
    std::optional<std::chrono::local_days> first_day(std::chrono::local_days from) const;
    std::optional<std::chrono::minutes> first_time(std::chrono::seconds after) const;

    Fields fields_;
};

/// Reads cron(…), the whole expression. Throws Error, see Schedule.
Cron parse_cron(std::string_view expression);

} // namespace nimbus::schedule
