#pragma once

#include "local/lambda/function.h"

#include <chrono>
#include <string>

namespace nimbus::local {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A request for a function, from its arrival to its result.
struct Invocation {
    std::string request_id;
    std::string caller_request_id; ///< what the caller was given
    std::string payload;
    std::string client_context; ///< JSON on one line of ASCII, or empty
    Invoker::Done done;
    SteadyTime arrival;
    SteadyTime give_up_at;           ///< nobody wants it begun after that
    bool needs_new_instance = false; ///< a cold start on demand
    int failed_starts = 0;           ///< instances that ended before they could take it
};

} // namespace nimbus::local
