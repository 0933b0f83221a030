#include "local/runtime_api/answers.h"

#include <fmt/core.h>

#include <charconv>

namespace nimbus::local {
namespace {

std::string_view reason(int status) noexcept
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Request Entity Too Large";
    default:
        return "Internal Server Error";
    }
}

} // namespace

std::string_view accepted_answer() noexcept
{
    return "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
           "Content-Length: 15\r\n\r\n{\"status\":\"OK\"}";
}

std::string_view continue_answer() noexcept
{
    return "HTTP/1.1 100 Continue\r\n\r\n";
}

void append_refusal(std::string& out, int status, std::string_view error_type,
                    std::string_view message)
{
    const auto document =
        fmt::format(R"({{"errorMessage":"{}","errorType":"{}"}})", message, error_type);
    out += fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", status,
        reason(status), document.size(), document);
}

void append_event_head(std::string& out, const RuntimeEvent& event)
{
    const auto append_number = [&out](auto number) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        out.append(digits, end);
    };
    out += "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: ";
    out += event.request_id;
    out += "\r\nLambda-Runtime-Deadline-Ms: ";
    append_number(event.deadline_milliseconds);
    out += "\r\nLambda-Runtime-Invoked-Function-Arn: ";
    out += event.function_arn;
    out += "\r\nLambda-Runtime-Trace-Id: ";
    out += event.trace_id;
    if (!event.client_context.empty()) {
        out += "\r\nLambda-Runtime-Client-Context: ";
        out += event.client_context;
    }
    out += "\r\nContent-Length: ";
    append_number(event.payload.size());
    out += "\r\n\r\n";
}

} // namespace nimbus::local
