#pragma once

#include "base/time.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus::schedule {

/// What clocks on the wall show, wherever the wall is.
using LocalTime = std::chrono::local_seconds;

/// A time zone of the IANA database (Debian's package tzdata, or the directory that TZDIR names).
/// A value; safe to share by threads.
class TimeZone {
public:
    /// `name` as the database spells it: "Europe/Berlin", "UTC". Throws Error for another, with the
    /// nearest name that there is.
    explicit TimeZone(std::string_view name);

    LocalTime to_local(SystemTime time) const;

    /// What a local time is in this zone.
    struct Reading {
        /// When the clocks show it, the first time if they show it twice; nothing if they leave it
        /// out.
        std::optional<SystemTime> moment;
        /// The next local time of another kind: where the hour that is left out, or shown twice,
        /// ends. The next second for times that are shown once.
        LocalTime resume;
    };
    Reading read(LocalTime local) const;

    /// 2027-03-28T03:30:00+02:00; 2027-03-28T01:30:00Z where the zone is UTC.
    std::string format(SystemTime time) const;

private:
    struct Data;
    std::shared_ptr<const Data> data_;
};

} // namespace nimbus::schedule
