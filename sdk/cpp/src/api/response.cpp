#include "base/json.h"
#include "base/text.h"

#include <algorithm>
#include <nimbus/response.hpp>
#include <stdexcept>

namespace nimbus {

namespace {

/// RFC 9110 section 5.6.2
bool is_token(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

void check_header(std::string_view name, std::string_view value)
{
    if (!is_token(name))
        throw std::invalid_argument("\"" + std::string(name) + "\" is not a header name");
    if (std::ranges::any_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }))
        throw std::invalid_argument("the value of header " + std::string(name) +
                                    " holds a line break or a zero byte");
}

} // namespace

response::response(int status, std::string body, std::string content_type)
    : status_(status), body_(std::move(body))
{
    headers_.emplace_back("content-type", std::move(content_type));
}

std::optional<std::string> response::header(std::string_view name) const
{
    const auto found =
        std::ranges::find_if(headers_, [&](const auto& each) { return iequals(each.first, name); });
    if (found == headers_.end())
        return std::nullopt;
    return found->second;
}

response& response::header(std::string_view name, std::string value) &
{
    check_header(name, value);
    std::erase_if(headers_, [&](const auto& each) { return iequals(each.first, name); });
    headers_.emplace_back(to_lower(name), std::move(value));
    return *this;
}

response& response::add_header(std::string_view name, std::string value) &
{
    check_header(name, value);
    headers_.emplace_back(to_lower(name), std::move(value));
    return *this;
}

response detail::json_response(int status, const json::value& body)
{
    return {status, compact_json(body), "application/json"};
}

response error(int status, std::string_view message)
{
    return reply(status, {{"error", message}});
}

response text(std::string body)
{
    return {200, std::move(body), "text/plain; charset=utf-8"};
}

response html(std::string body)
{
    return {200, std::move(body), "text/html; charset=utf-8"};
}

response binary(std::string bytes, std::string content_type)
{
    return {200, std::move(bytes), std::move(content_type)};
}

} // namespace nimbus
