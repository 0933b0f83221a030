#pragma once

#include "local/services/timer_thread.h"

#include <functional>
#include <vector>

namespace nimbus::local {

/// One thing that is kept within its limits. Called again and again, it does a few milliseconds of
/// work each time, so that no request waits for it; false when nothing is left to do for now.
using HousekeepingStep = std::function<bool()>;

/// Takes away what is beyond its limits, on a thread of its own: step by step with pauses between
/// them while there is something to take, and once a minute otherwise. The steps outlive it.
class Housekeeping {
public:
    Housekeeping(std::vector<HousekeepingStep> steps, Clock clock, Log log);

private:
    std::vector<HousekeepingStep> steps_;
    TimerThread thread_; ///< last: it uses the steps
};

} // namespace nimbus::local
