#pragma once

#include "manifest/section.h"

#include <optional>
#include <string>

/// A timer: EventBridge Scheduler calls a function on a schedule.
namespace nimbus::deploy::timer {

/// As a program declares it.
struct Timer {
    std::string name;             ///< [a-z][a-z0-9-]{0,31}
    std::string schedule;         ///< rate(5 minutes), cron(0 2 * * ? *), at(2027-01-31T08:00:00)
    std::string timezone = "UTC"; ///< the name in the IANA database
    std::string description;
    bool enabled = true;
    std::optional<int> flexible_window; ///< minutes, 1 to 1,440; absent: at the time
    std::string function;               ///< the name of one of the functions

    bool operator==(const Timer&) const = default;
};

/// "timers" in the manifest.
manifest::Section section();

} // namespace nimbus::deploy::timer
