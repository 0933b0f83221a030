#pragma once

#include "base/json.h"
#include "base/time.h"
#include "deploy/target.h"

#include <string>

/// The event of a timer's function: EventBridge's scheduled event. Source: EventBridge User Guide,
/// "Scheduled events"; EventBridge Scheduler User Guide, "Adding context attributes".
namespace nimbus::deploy::timer {

/// As the schedule's target gets it, with the attributes that Scheduler fills in.
std::string event_template(const Target& target);

/// One as if the schedule of that ARN called at `time`.
json::object sample_event(const std::string& schedule_arn, SystemTime time);

} // namespace nimbus::deploy::timer
