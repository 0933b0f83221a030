#pragma once

#include "base/mutex.h"
#include "base/time.h"

#include <chrono>
#include <string>

namespace nimbus::detail {

/// What Lambda says of an invocation beside its event.
struct InvocationContext {
    std::string request_id;
    SystemTime deadline = SystemTime::max(); ///< when Lambda ends the invocation; max: never
    std::string trace_id{};                  ///< X-Ray's header, or ""

    /// Until the deadline: never negative, and a day where there is none.
    std::chrono::milliseconds remaining_time() const noexcept;
};

/// One event to handle.
struct Invocation {
    InvocationContext context;
    std::string payload;
};

/// The invocation that the process is busy with, for what works on handlers' behalf: connections
/// wait no longer than it lasts, and log lines name it. Threads of a handler may ask at any time.
class CurrentInvocation {
public:
    void begin(const InvocationContext& context);

    /// The end of the invocation, less what its handler needs to answer after a timeout. Five
    /// minutes from now where the end is not known: in a unit test.
    Deadline deadline() const;
    /// "" where there is none.
    std::string request_id() const;

private:
    mutable Mutex mutex_;
    SystemTime deadline_ NIMBUS_GUARDED_BY(mutex_) = SystemTime::max();
    std::string request_id_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::detail
