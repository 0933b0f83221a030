#include "local/services/scheduler/schedule_record.h"

#include "base/arn.h"

#include <algorithm>

namespace nimbus::local::scheduler {
namespace {

/// The shortest time there is: `next(then - tick)` may be `then`.
constexpr SystemTime::duration tick(1);

bool have_same_moments(const Settings& a, const Settings& b)
{
    return a.expression == b.expression && a.time_zone == b.time_zone && a.start == b.start &&
           a.end == b.end && a.is_enabled == b.is_enabled;
}

} // namespace

std::string ScheduleId::arn(const std::string& account_id) const
{
    return Arn{.service = "scheduler",
               .region = region,
               .account = account_id,
               .resource = "schedule/" + group + "/" + name}
        .to_string();
}

std::string group_arn(const std::string& region, const std::string& account_id,
                      const std::string& group)
{
    return Arn{.service = "scheduler",
               .region = region,
               .account = account_id,
               .resource = "schedule-group/" + group}
        .to_string();
}

ScheduleRecord ScheduleRecord::create(ScheduleId id, Settings settings, SystemTime now)
{
    // A rate without StartDate has its first moment now. Moments are whole seconds.
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    ScheduleRecord record{.id = std::move(id),
                          .settings = std::move(settings),
                          .created = now,
                          .modified = now,
                          .counted_from = second,
                          .next = std::nullopt};
    record.next = Moments(record).next(second - tick);
    return record;
}

void ScheduleRecord::update(Settings changed, SystemTime now)
{
    auto fresh = create(id, std::move(changed), now);
    fresh.created = created;
    if (have_same_moments(settings, fresh.settings)) {
        fresh.counted_from = counted_from;
        fresh.next = next;
    }
    *this = std::move(fresh);
}

Moments::Moments(const ScheduleRecord& record)
    : schedule_(record.settings.expression, record.settings.time_zone,
                record.settings.start.value_or(record.counted_from)),
      is_enabled_(record.settings.is_enabled)
{
    if (schedule_.is_one_time())
        return;
    start_ = record.settings.start;
    end_ = record.settings.end;
}

std::optional<SystemTime> Moments::next(SystemTime after) const
{
    if (!is_enabled_)
        return std::nullopt;
    const auto moment = schedule_.next(start_ ? std::max(after, *start_ - tick) : after);
    return moment && end_ && *moment > *end_ ? std::nullopt : moment;
}

std::optional<SystemTime> Moments::latest(SystemTime from, SystemTime until) const
{
    if (!is_enabled_)
        return std::nullopt;
    return schedule_.latest(std::max(from, start_.value_or(from)) - tick,
                            std::min(until, end_.value_or(until)));
}

} // namespace nimbus::local::scheduler
