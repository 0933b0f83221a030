#pragma once

#include <chrono>
#include <memory>
#include <nimbus/request.hpp>
#include <nimbus/response.hpp>
#include <string>
#include <string_view>

/// API Gateway's proxy events and answers: API Gateway Developer Guide, "Create AWS Lambda proxy
/// integrations for HTTP APIs", payload format versions 1.0 and 2.0.
namespace nimbus {

namespace detail {

/// One invocation, decoded as far as every handler needs it; the rest is looked up when asked for.
struct event {
    json::object content;
    bool format_2 = false;
    std::string method;
    std::string path; ///< without the stage
    std::string body;
    std::string invocation_id;
    std::string trace_id;
    std::chrono::system_clock::time_point deadline = std::chrono::system_clock::time_point::max();
};

} // namespace detail

/// Throws json_error when `payload` is not an event of API Gateway.
std::shared_ptr<detail::event> decode_event(std::string_view payload);

/// The answer to an event of that format. Bodies that are not UTF-8 go as base64.
std::string encode_response(const response& answer, bool format_2);

} // namespace nimbus
