#pragma once

#include "local/iam/access_control.h"

#include <string>

namespace nimbus::local {

/// Invokes functions for other services, as lambda:InvokeFunction of type Event does.
class EventInvoker {
public:
    virtual ~EventInvoker() = default;
    /// Queues the event; takes part in the caller's transaction of the local cloud's database. From
    /// any thread. Throws ServiceError, as the operation answers: the function does not exist,
    /// `caller` may not invoke it, the payload is no JSON or too large.
    virtual void invoke_event(const Principal& caller, const std::string& function_arn,
                              std::string payload) = 0;
};

} // namespace nimbus::local
