#pragma once

#include "base/time.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

/// When a timer fires: the schedule expressions of EventBridge Scheduler.
/// Source: EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler".
namespace nimbus::schedule {

/// The moments that an expression stands for, in a time zone. A value; safe to share by threads.
class Schedule {
public:
    /// `expression` is one of
    ///   rate(5 minutes)          again and again, counted from `start`, which is its first moment;
    ///                            a day is 24 hours
    ///   cron(0 2 * * ? *)        minutes hours day-of-month month day-of-week year
    ///   at(2027-01-31T08:00:00)  once
    /// `time_zone`: the name in the IANA database of the zone that cron and at are read in. Times
    /// that its clocks leave out in spring are left out; times that they show twice in autumn come
    /// once, the first time.
    /// Throws Error with one sentence that says what is wrong, where, and what is allowed:
    /// "cron(0 25 * * ? *): the hours field is '25'; hours are 0 to 23".
    explicit Schedule(std::string_view expression, std::string_view time_zone = "UTC",
                      SystemTime start = {});

    /// The first moment later than `after`; nothing when none is left up to the end of 2199. Takes
    /// microseconds whatever the expression, 30 February included.
    std::optional<SystemTime> next(SystemTime after) const;

    /// The first `count` moments later than `after`, in order; fewer when no more are left.
    std::vector<SystemTime> next_n(SystemTime after, std::size_t count) const;

    /// The last moment later than `after` and not later than `until`; nothing when there is none.
    /// As fast as some thirty calls of `next`, however many moments lie between the two.
    std::optional<SystemTime> latest(SystemTime after, SystemTime until) const;

    /// Is it an at expression?
    bool is_one_time() const noexcept;

private:
    struct Moments;
    std::shared_ptr<const Moments> moments_;
};

} // namespace nimbus::schedule
