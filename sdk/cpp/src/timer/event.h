#pragma once

#include "core/invocation.h"

#include <memory>
#include <nimbus/json.hpp>
#include <nimbus/timestamp.hpp>

/// Scheduled events: Amazon EventBridge User Guide, "Events from AWS services". A timer's schedule
/// has EventBridge Scheduler send one of this form.
namespace nimbus::detail {

/// One invocation, decoded as far as every handler needs it.
struct TimerEvent {
    json::object content;
    timestamp time;
    InvocationContext invocation;
};

/// Does `event` look like a scheduled event?
bool is_timer_event(const json::object& event) noexcept;

/// Throws json_error when `event` has no time.
std::shared_ptr<const TimerEvent> decode_timer_event(json::object event,
                                                     const InvocationContext& invocation);

} // namespace nimbus::detail
