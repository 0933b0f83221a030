#include "local/instances/error_documents.h"

#include "base/json.h"
#include "base/text.h"
#include "local/runtime_api/runtime_endpoint.h"

#include <fmt/core.h>

#include <cstring>

namespace nimbus::local {

std::string error_document(const PlatformError& error, std::string_view request_id)
{
    std::string document = "{\"errorType\":";
    append_json_string(document, error.type);
    document += ",\"errorMessage\":";
    append_json_string(document,
                       "RequestId: " + std::string(request_id) + " Error: " + error.message);
    return document + "}";
}

PlatformError exited(const process::ExitStatus& status)
{
    if (status.success())
        return {"Runtime.ExitError", "Runtime exited without providing a reason"};
    // Lambda names signals as Go does: as the C library, in lower case.
    const auto how = status.signal != 0 ? "signal: " + to_lower(::strsignal(status.signal))
                                        : "exit status " + std::to_string(status.code);
    return {"Runtime.ExitError", "Runtime exited with error: " + how};
}

PlatformError out_of_memory()
{
    return {"Runtime.OutOfMemory", "Runtime exited with error: signal: killed"};
}

PlatformError timed_out(int timeout_seconds)
{
    return {"Sandbox.Timedout",
            "Task timed out after " + std::to_string(timeout_seconds) + ".00 seconds"};
}

PlatformError not_ready_within(std::chrono::milliseconds limit)
{
    return {"Runtime.Timedout",
            fmt::format("The runtime did not ask for an event within {:.2f} seconds",
                        std::chrono::duration<double>(limit).count())};
}

PlatformError answered_too_much()
{
    return {"Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (" +
                std::to_string(max_runtime_answer) + " bytes)."};
}

} // namespace nimbus::local
