#pragma once

#include "process/child_process.h"

#include <chrono>
#include <string>
#include <string_view>

namespace nimbus::local {

/// What ended an invocation, or kept an instance from starting, when it was not the handler: in
/// Lambda's words.
struct PlatformError {
    std::string type;    ///< Runtime.ExitError, …
    std::string message; ///< without the request's id
};

/// {"errorType":…,"errorMessage":"RequestId: <id> Error: <message>"}
std::string error_document(const PlatformError& error, std::string_view request_id);

PlatformError exited(const process::ExitStatus& status);
PlatformError out_of_memory();
PlatformError timed_out(int timeout_seconds);
PlatformError not_ready_within(std::chrono::milliseconds limit);
PlatformError answered_too_much();

} // namespace nimbus::local
