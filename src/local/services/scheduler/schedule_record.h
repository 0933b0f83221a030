#pragma once

#include "local/services/scheduler/settings.h"
#include "schedule/schedule.h"

#include <compare>
#include <optional>
#include <string>

namespace nimbus::local::scheduler {

/// What a schedule is known by.
struct ScheduleId {
    std::string region;
    std::string group;
    std::string name;

    auto operator<=>(const ScheduleId&) const = default;

    std::string arn(const std::string& account_id) const;
};

std::string group_arn(const std::string& region, const std::string& account_id,
                      const std::string& group);

struct ScheduleRecord {
    ScheduleId id;
    Settings settings;
    SystemTime created;
    SystemTime modified;
    SystemTime counted_from;        ///< the first moment of a rate that has no StartDate
    std::optional<SystemTime> next; ///< the first moment that is not planned yet

    /// A new one, whose moments begin now.
    static ScheduleRecord create(ScheduleId id, Settings settings, SystemTime now);

    /// Replaces the settings. The moments begin anew when the settings say other ones.
    void update(Settings changed, SystemTime now);
};

/// When a schedule's target is invoked: the moments of its expression between StartDate and
/// EndDate, which a one-time schedule does not have; none while it is disabled.
class Moments {
public:
    explicit Moments(const ScheduleRecord& record);

    /// The first one later than `after`.
    std::optional<SystemTime> next(SystemTime after) const;
    /// The last one not earlier than `from` and not later than `until`.
    std::optional<SystemTime> latest(SystemTime from, SystemTime until) const;

private:
    schedule::Schedule schedule_;
    bool is_enabled_;
    std::optional<SystemTime> start_;
    std::optional<SystemTime> end_;
};

} // namespace nimbus::local::scheduler
