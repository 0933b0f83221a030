#pragma once

#include <boost/describe/class.hpp>

#include <string>

namespace nimbus::deploy::timer {

inline constexpr const char* kind_name = "timer";

/// A deployed timer, as `deploy --json` prints it.
struct TimerOutput {
    std::string name; ///< as declared
    std::string arn;  ///< of the schedule
    std::string schedule;
    std::string timezone;
    bool enabled = true;
    std::string function; ///< as declared
};
BOOST_DESCRIBE_STRUCT(TimerOutput, (), (name, arn, schedule, timezone, enabled, function))

} // namespace nimbus::deploy::timer
