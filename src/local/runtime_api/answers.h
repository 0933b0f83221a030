#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nimbus::local {

/// An event on its way to a runtime. Views: valid for the call that they are passed to.
struct RuntimeEvent {
    std::string_view request_id;
    std::int64_t deadline_milliseconds = 0; ///< since the epoch
    std::string_view function_arn;
    std::string_view trace_id;
    std::string_view client_context = {}; ///< JSON on one line, or empty
    std::string_view payload;
};

/// The Runtime API's answers as bytes. Every one of them has a Content-Type: aws-lambda-cpp reads
/// the header without asking whether it is there.

/// 202 `{"status":"OK"}`: an outcome was taken.
std::string_view accepted_answer() noexcept;
std::string_view continue_answer() noexcept;
/// Lambda's error document with a status. Neither text may need escaping in JSON.
void append_refusal(std::string& out, int status, std::string_view error_type,
                    std::string_view message);
/// All of the answer to GET /runtime/invocation/next but the payload itself.
void append_event_head(std::string& out, const RuntimeEvent& event);

} // namespace nimbus::local
