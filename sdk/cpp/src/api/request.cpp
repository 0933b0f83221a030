#include "api/event.h"
#include "base/json.h"
#include "base/text.h"
#include "values/json_view.h"

#include <algorithm>
#include <cmath>
#include <nimbus/request.hpp>
#include <stdexcept>

namespace nimbus {

namespace detail {

void parameter_mismatch(std::string_view name, std::string_view wanted)
{
    throw bad_request_error(std::string(name) + " must be " + std::string(wanted));
}

void parameter_out_of_range(std::string_view name)
{
    throw bad_request_error(std::string(name) + " is out of range");
}

double parse_real_parameter(std::string_view name, std::string_view text, double max)
{
    double value{};
    const auto* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    if (stop != end || failure == std::errc::invalid_argument || std::isnan(value))
        parameter_mismatch(name, "a number");
    if (failure != std::errc{} || std::abs(value) > max)
        parameter_out_of_range(name);
    return value;
}

} // namespace detail

namespace {

std::optional<std::string_view> string_in(const json::object* object, std::string_view key)
{
    return object ? detail::text_member(*object, key) : std::nullopt;
}

const json::value* find_ignoring_case(const json::object* object, std::string_view name)
{
    if (!object)
        return nullptr;
    const auto found = std::ranges::find_if(
        *object, [&](const auto& member) { return iequals(member.key(), name); });
    return found == object->end() ? nullptr : &found->value();
}

const json::object* context_of(const detail::HttpEvent& event)
{
    return object_member(event.content, "requestContext");
}

/// Format 2.0 joins repeated values with commas, which values may hold themselves.
std::vector<std::string_view> single(std::optional<std::string_view> value)
{
    return value ? std::vector{*value} : std::vector<std::string_view>();
}

} // namespace

request::request(std::shared_ptr<const detail::HttpEvent> event) noexcept : event_(std::move(event))
{
}

std::string_view request::method() const noexcept
{
    return event_->method;
}

std::string_view request::path() const noexcept
{
    return event_->path;
}

std::string_view request::route() const noexcept
{
    if (!event_->format_2)
        return string_in(&event_->content, "resource").value_or("");
    const auto key = string_in(&event_->content, "routeKey").value_or("");
    const auto blank = key.find(' ');
    return blank == std::string_view::npos ? key : key.substr(blank + 1);
}

std::string_view request::param(std::string_view name) const
{
    const auto value = string_in(object_member(event_->content, "pathParameters"), name);
    if (!value)
        throw std::out_of_range("the route " + std::string(route()) + " has no parameter {" +
                                std::string(name) + "}");
    return *value;
}

std::optional<std::string_view> request::query(std::string_view name) const noexcept
{
    return string_in(object_member(event_->content, "queryStringParameters"), name);
}

std::vector<std::string_view> request::query_all(std::string_view name) const
{
    const auto* all = object_member(event_->content, "multiValueQueryStringParameters");
    if (const auto* values = all ? array_member(*all, name) : nullptr)
        return detail::text_elements(*values);
    return single(query(name));
}

std::optional<std::string_view> request::header(std::string_view name) const noexcept
{
    const auto* value = find_ignoring_case(object_member(event_->content, "headers"), name);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

std::vector<std::string_view> request::header_all(std::string_view name) const
{
    const auto* value =
        find_ignoring_case(object_member(event_->content, "multiValueHeaders"), name);
    if (const auto* values = value ? value->if_array() : nullptr)
        return detail::text_elements(*values);
    return single(header(name));
}

const std::string& request::body() const noexcept
{
    return event_->body;
}

json::value request::json() const
{
    if (event_->body.empty())
        throw bad_request_error("the request has no body; JSON is expected");
    try {
        return detail::parse_numbers_in_range(event_->body, "the body");
    } catch (const json_error& failure) {
        throw bad_request_error(failure.what());
    }
}

std::string_view request::request_id() const noexcept
{
    return string_in(context_of(*event_), "requestId").value_or("");
}

std::string_view request::invocation_id() const noexcept
{
    return event_->invocation.request_id;
}

std::string_view request::source_ip() const noexcept
{
    const auto* context = context_of(*event_);
    const auto* holder =
        context ? object_member(*context, event_->format_2 ? "http" : "identity") : nullptr;
    return string_in(holder, "sourceIp").value_or("");
}

std::string_view request::stage() const noexcept
{
    return string_in(context_of(*event_), "stage").value_or("");
}

std::string_view request::trace_id() const noexcept
{
    return event_->invocation.trace_id;
}

std::chrono::milliseconds request::remaining_time() const noexcept
{
    return event_->invocation.remaining_time();
}

const json::object& request::raw_event() const noexcept
{
    return event_->content;
}

} // namespace nimbus
