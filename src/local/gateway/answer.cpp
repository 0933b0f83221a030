#include "local/gateway/answer.h"

#include "base/assert.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace nimbus::local::gateway {
namespace {

/// Thrown and caught in this file only.
struct Malformed {
    const char* reason;
};

constexpr std::array<std::string_view, 10> of_the_gateway{
    "apigw-requestid",    "connection", "content-length", "keep-alive",        "proxy-connection",
    "proxy-authenticate", "te",         "trailer",        "transfer-encoding", "upgrade"};

bool is_token_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_control(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

void add_header(http::Headers& headers, std::string_view name, std::string_view value)
{
    if (name.empty() || !std::ranges::all_of(name, is_token_character))
        throw Malformed{"the name of a header is not a token"};
    if (std::ranges::any_of(value, is_control))
        throw Malformed{"the value of a header has a control character"};
    const auto ours = std::ranges::any_of(of_the_gateway,
                                          [&](std::string_view own) { return iequals(own, name); });
    if (!ours)
        headers.add(std::string(name), std::string(value));
}

std::optional<std::string> header_text(const json::value& value)
{
    switch (value.kind()) {
    case json::kind::string:
        return std::string(value.get_string());
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
    case json::kind::bool_:
        return json::serialize(value);
    case json::kind::null:
        return std::nullopt;
    default:
        throw Malformed{"the value of a header is an array or an object"};
    }
}

/// The member, or null when it isn't there or is JSON's null.
const json::value* member(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
}

const json::object& need_object(const json::value& value, const char* otherwise)
{
    const auto* object = value.if_object();
    if (object == nullptr)
        throw Malformed{otherwise};
    return *object;
}

const json::array& need_array(const json::value& value, const char* otherwise)
{
    const auto* array = value.if_array();
    if (array == nullptr)
        throw Malformed{otherwise};
    return *array;
}

int need_status(const json::value& value)
{
    json::error_code error;
    const auto status = value.to_number<int>(error);
    if (error || status < 200 || status > 599)
        throw Malformed{"statusCode is not a number from 200 to 599"};
    return status;
}

bool has(const http::Headers& headers, std::string_view name, std::string_view value)
{
    return std::ranges::any_of(headers, [&](const http::Headers::Entry& entry) {
        return entry.second == value && iequals(entry.first, name);
    });
}

void add_headers(http::Headers& headers, const json::object& answer)
{
    const auto* single = member(answer, "headers");
    if (single == nullptr)
        return;
    for (const auto& [name, value] : need_object(*single, "headers is not an object"))
        if (const auto text = header_text(value); text && !has(headers, name, *text))
            add_header(headers, name, *text);
}

void add_multi_value_headers(http::Headers& headers, const json::object& answer)
{
    const auto* multiple = member(answer, "multiValueHeaders");
    if (multiple == nullptr)
        return;
    for (const auto& [name, values] :
         need_object(*multiple, "multiValueHeaders is not an object")) {
        if (values.is_null())
            continue;
        for (const auto& value :
             need_array(values, "a member of multiValueHeaders is not an array"))
            if (const auto text = header_text(value))
                add_header(headers, name, *text);
    }
}

void add_cookies(http::Headers& headers, const json::object& answer)
{
    const auto* cookies = member(answer, "cookies");
    if (cookies == nullptr)
        return;
    for (const auto& cookie : need_array(*cookies, "cookies is not an array"))
        if (const auto text = header_text(cookie))
            add_header(headers, "Set-Cookie", *text);
}

std::string decode_body(const json::object& answer)
{
    bool is_base64 = false;
    if (const auto* flag = member(answer, "isBase64Encoded")) {
        if (!flag->is_bool())
            throw Malformed{"isBase64Encoded is not a boolean"};
        is_base64 = flag->get_bool();
    }
    const auto* body = member(answer, "body");
    if (body == nullptr)
        return {};
    const auto* text = body->if_string();
    if (text == nullptr)
        throw Malformed{"body is not a string"};
    if (!is_base64)
        return std::string(*text);
    auto bytes = base64_decode(*text);
    if (!bytes)
        throw Malformed{"body is not base64"};
    return *std::move(bytes);
}

http::Response decode_object(const json::object& answer, const json::value& status,
                             PayloadFormat format)
{
    http::Response response;
    response.status = need_status(status);
    if (format == PayloadFormat::v1)
        add_multi_value_headers(response.headers, answer);
    add_headers(response.headers, answer);
    if (format == PayloadFormat::v2)
        add_cookies(response.headers, answer);
    response.body = decode_body(answer);
    if (!response.body.empty() && !response.headers.contains("content-type"))
        response.headers.add("Content-Type", "text/plain; charset=utf-8");
    return response;
}

http::Response infer(const json::value& value, std::string_view payload)
{
    const auto* text = value.if_string();
    return {200,
            {{"Content-Type", "application/json"}},
            text != nullptr ? std::string(*text) : std::string(trim(payload))};
}

} // namespace

std::expected<http::Response, std::string> decode_answer(std::string_view payload,
                                                         PayloadFormat format)
{
    std::array<unsigned char, 8192> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    json::parse_options options;
    options.max_depth = 64;
    json::error_code error;
    const auto value = json::parse(payload, error, &memory, options);
    if (error)
        return std::unexpected("it is not JSON");
    const auto* object = value.if_object();
    const auto* status = object != nullptr ? object->if_contains("statusCode") : nullptr;
    try {
        if (status != nullptr)
            return decode_object(*object, *status, format);
        if (format == PayloadFormat::v2)
            return infer(value, payload);
    } catch (const Malformed& malformed) {
        return std::unexpected(malformed.reason);
    }
    return std::unexpected("it has no statusCode");
}

http::Response gateway_error(int status)
{
    NIMBUS_ASSERT(status >= 400, "an error's status is one");
    const auto message = status == 413 ? "Request Entity Too Large" : http::reason_phrase(status);
    return {status,
            {{"Content-Type", "application/json"}},
            "{\"message\":\"" + std::string(message) + "\"}"};
}

} // namespace nimbus::local::gateway
