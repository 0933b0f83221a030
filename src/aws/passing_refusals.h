#pragma once

#include "aws/api_error.h"

#include <chrono>
#include <string_view>

/// AWS is consistent only after a while: a service may not know yet what another one made a moment
/// ago, or is still busy with the last change. The one list of the refusals that say so.
namespace nimbus::aws {

struct PassingRefusal {
    std::string_view service;   ///< Service::name
    std::string_view operation; ///< empty: any
    std::string_view code;      ///< empty: any
    std::string_view message;   ///< a part of it; empty: any
    std::chrono::seconds limit; ///< how long it may go on
    std::string_view until;     ///< what is waited for: "the new role to be known"
};

/// Null when the refusal is final.
const PassingRefusal* find_passing_refusal(const ApiError& error);

} // namespace nimbus::aws
