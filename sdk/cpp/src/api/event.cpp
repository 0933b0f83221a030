#include "api/event.h"

#include "base/encoding.h"
#include "base/json.h"
#include "values/json_view.h"

#include <algorithm>
#include <map>

namespace nimbus::detail {

namespace {

std::string_view text_of(const json::object& object, std::string_view key)
{
    return text_member(object, key).value_or("");
}

std::size_t segment_count(std::string_view path)
{
    return static_cast<std::size_t>(std::ranges::count(path, '/'));
}

/// A named stage is the first segment of an HTTP API's path in events, where a custom domain maps
/// the API elsewhere it is not. The route tells the two apart where it has a fixed length.
std::string path_without_stage(std::string_view path, std::string_view stage,
                               std::string_view route)
{
    if (stage.empty() || stage == "$default" || path.size() <= stage.size() ||
        !path.starts_with('/') || !path.substr(1).starts_with(stage))
        return std::string(path);
    const auto rest = path.substr(1 + stage.size());
    if (!rest.empty() && rest.front() != '/')
        return std::string(path);
    if (route.starts_with('/') && !route.ends_with("+}") &&
        segment_count(path) == segment_count(route))
        return std::string(path);
    return rest.empty() ? "/" : std::string(rest);
}

void append_member(std::string& to, std::string_view key, std::string_view value)
{
    if (to.back() != '{')
        to += ',';
    append_json_string(to, key);
    to += ':';
    append_json_string(to, value);
}

void append_list(std::string& to, const std::vector<std::string_view>& values)
{
    to += '[';
    for (const auto value : values) {
        if (to.back() != '[')
            to += ',';
        append_json_string(to, value);
    }
    to += ']';
}

using HeaderGroups = std::map<std::string_view, std::vector<std::string_view>>;

void append_headers_1(std::string& to, const HeaderGroups& groups)
{
    to += ",\"headers\":{";
    for (const auto& [name, values] : groups)
        if (values.size() == 1)
            append_member(to, name, values.front());
    to += '}';
    if (std::ranges::all_of(groups, [](const auto& group) { return group.second.size() == 1; }))
        return;
    to += ",\"multiValueHeaders\":{";
    for (const auto& [name, values] : groups) {
        if (values.size() == 1)
            continue;
        if (to.back() != '{')
            to += ',';
        append_json_string(to, name);
        to += ':';
        append_list(to, values);
    }
    to += '}';
}

void append_headers_2(std::string& to, const HeaderGroups& groups)
{
    to += ",\"headers\":{";
    for (const auto& [name, values] : groups) {
        if (name == "set-cookie")
            continue;
        std::string joined;
        for (const auto value : values) {
            if (!joined.empty())
                joined += ", ";
            joined += value;
        }
        append_member(to, name, joined);
    }
    to += '}';
    if (const auto cookies = groups.find("set-cookie"); cookies != groups.end()) {
        to += ",\"cookies\":";
        append_list(to, cookies->second);
    }
}

} // namespace

bool is_http_event(const json::object& event) noexcept
{
    if (event.contains("httpMethod"))
        return true;
    const auto* context = object_member(event, "requestContext");
    return context && context->contains("http");
}

std::shared_ptr<const HttpEvent> decode_http_event(json::object content_of_event,
                                                   const InvocationContext& invocation)
{
    auto event = std::make_shared<HttpEvent>();
    event->content = std::move(content_of_event);
    event->invocation = invocation;
    const auto& content = event->content;
    const auto* context = object_member(content, "requestContext");
    event->format_2 = text_of(content, "version") == "2.0";

    std::string_view path;
    std::string_view route;
    if (event->format_2) {
        path = text_of(content, "rawPath");
        const auto key = text_of(content, "routeKey");
        const auto blank = key.find(' ');
        route = blank == std::string_view::npos ? key : key.substr(blank + 1);
        if (const auto* http = context ? object_member(*context, "http") : nullptr)
            event->method = text_of(*http, "method");
    } else {
        route = text_of(content, "resource");
        path = content.contains("path") ? text_of(content, "path") : route;
        event->method = text_of(content, "httpMethod");
    }
    if (event->method.empty() || path.empty())
        throw json_error("the event is not one of API Gateway's: it names no method or no path");
    event->path =
        path_without_stage(path, context ? text_of(*context, "stage") : std::string_view(), route);

    const auto body = text_of(content, "body");
    if (bool_member(content, "isBase64Encoded").value_or(false)) {
        auto decoded = base64_decode(body);
        if (!decoded)
            throw json_error("the event's body is not base64 as isBase64Encoded says");
        event->body = *std::move(decoded);
    } else {
        event->body = body;
    }
    return event;
}

std::string encode_response(const response& answer, bool format_2)
{
    HeaderGroups groups;
    for (const auto& [name, value] : answer.headers())
        groups[name].push_back(value);

    std::string text;
    text.reserve(answer.body().size() + answer.body().size() / 8 + 256);
    text += "{\"statusCode\":" + std::to_string(answer.status());
    if (format_2)
        append_headers_2(text, groups);
    else
        append_headers_1(text, groups);
    const bool is_text = is_utf8(answer.body());
    text += ",\"body\":";
    append_json_string(text,
                       is_text ? std::string_view(answer.body()) : base64_encode(answer.body()));
    text += is_text ? ",\"isBase64Encoded\":false}" : ",\"isBase64Encoded\":true}";
    return text;
}

} // namespace nimbus::detail
