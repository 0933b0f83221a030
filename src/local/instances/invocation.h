#pragma once

#include "local/lambda/function.h"

#include <chrono>
#include <string>

namespace nimbus::local {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A request for a function, from its arrival to its result.
struct Invocation {
    std::string request_id;
    std::string payload;
    Invoker::Done done;
    SteadyTime arrival;
    int failed_starts = 0; ///< instances that ended before they could take it
};

} // namespace nimbus::local
