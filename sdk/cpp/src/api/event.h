#pragma once

#include "core/invocation.h"

#include <memory>
#include <nimbus/request.hpp>
#include <nimbus/response.hpp>
#include <string>
#include <string_view>

/// API Gateway's proxy events and answers: API Gateway Developer Guide, "Create AWS Lambda proxy
/// integrations for HTTP APIs", payload format versions 1.0 and 2.0.
namespace nimbus::detail {

/// One invocation, decoded as far as every handler needs it; the rest is looked up when asked for.
struct HttpEvent {
    json::object content;
    bool format_2 = false;
    std::string method;
    std::string path; ///< without the stage
    std::string body;
    InvocationContext invocation;
};

/// Does `event` look like one of API Gateway's?
bool is_http_event(const json::object& event) noexcept;

/// Throws json_error when `event` names no method or no path, or its body is not what it says.
std::shared_ptr<const HttpEvent> decode_http_event(json::object event,
                                                   const InvocationContext& invocation);

/// The answer to an event of that format. Bodies that are not UTF-8 go as base64.
std::string encode_response(const response& answer, bool format_2);

} // namespace nimbus::detail
