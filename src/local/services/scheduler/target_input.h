#pragma once

#include "base/time.h"

#include <optional>
#include <string>

namespace nimbus::local::scheduler {

/// One attempt to invoke a schedule's target.
struct Execution {
    std::string schedule_arn;
    std::string account_id;
    std::string region;
    SystemTime scheduled; ///< the moment that the schedule says
    std::string id;       ///< of this attempt: 16 hexadecimal digits
    int attempt = 1;
};

/// What the target gets: `input` with Scheduler's context attributes filled in, such as
/// <aws.scheduler.scheduled-time>; without an input, the event that Scheduler makes.
/// Source: EventBridge Scheduler User Guide, "Adding context attributes".
std::string target_input(const std::optional<std::string>& input, const Execution& execution);

} // namespace nimbus::local::scheduler
