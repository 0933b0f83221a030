#include "deploy/kinds/timer/event.h"

#include "base/arn.h"
#include "base/random.h"

#include <boost/json/serialize.hpp>

namespace nimbus::deploy::timer {
namespace {

json::object event(const std::string& id, const std::string& account, const std::string& time,
                   const std::string& region, const std::string& schedule)
{
    return {{"version", "0"},
            {"id", id},
            {"detail-type", "Scheduled Event"},
            {"source", "aws.scheduler"},
            {"account", account},
            {"time", time},
            {"region", region},
            {"resources", json::array{schedule}},
            {"detail", json::object{}}};
}

} // namespace

std::string event_template(const Target& target)
{
    return json::serialize(event("<aws.scheduler.execution-id>", target.account_id,
                                 "<aws.scheduler.scheduled-time>", target.region,
                                 "<aws.scheduler.schedule-arn>"));
}

json::object sample_event(const std::string& schedule_arn, SystemTime time)
{
    const auto arn = Arn::parse(schedule_arn);
    return event(random_uuid(), arn ? arn->account : "", format_iso8601_seconds(time),
                 arn ? arn->region : "", schedule_arn);
}

} // namespace nimbus::deploy::timer
