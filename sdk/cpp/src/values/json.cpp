#include "base/json.h"

#include "base/error.h"

#include <nimbus/json.hpp>
#include <string>

namespace nimbus {

json::value parse_json_text(std::string_view text)
{
    try {
        return parse_json(text, "the text");
    } catch (const Error& failure) {
        throw json_error(failure.what());
    }
}

json::object object(std::initializer_list<field> members)
{
    json::object result;
    result.reserve(members.size());
    for (const auto& [key, value] : members)
        result.insert_or_assign(key, value);
    return result;
}

namespace detail {

namespace {

void append_path(std::string& text, const json_path& path)
{
    if (!path.parent && path.key.empty())
        return;
    if (path.parent)
        append_path(text, *path.parent);
    if (path.key.empty()) {
        text += '[' + std::to_string(path.index) + ']';
    } else {
        if (!text.empty())
            text += '.';
        text += path.key;
    }
}

std::string subject(const json_path& path)
{
    std::string text;
    append_path(text, path);
    return text.empty() ? "the JSON value" : text;
}

std::string_view kind_name(const json::value& value)
{
    switch (value.kind()) {
    case json::kind::null:
        return "null";
    case json::kind::bool_:
        return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
        return "a number";
    case json::kind::string:
        return "a string";
    case json::kind::array:
        return "an array";
    case json::kind::object:
        return "an object";
    }
    return "something else";
}

[[noreturn]] void out_of_range(const json_path& path)
{
    throw json_error(subject(path) + " is out of range");
}

} // namespace

void json_mismatch(const json_path& path, std::string_view wanted, const json::value& found)
{
    std::string message = subject(path) + " must be " + std::string(wanted);
    const auto kind = kind_name(found);
    if (kind != wanted && !found.is_string())
        message += ", not " + std::string(kind);
    throw json_error(message);
}

void json_missing(const json_path& path)
{
    throw json_error(subject(path) + " is required");
}

bool read_bool(const json::value& from, const json_path& path)
{
    if (const auto* value = from.if_bool())
        return *value;
    json_mismatch(path, "a boolean", from);
}

std::int64_t read_signed(const json::value& from, const json_path& path, std::int64_t min,
                         std::int64_t max)
{
    if (from.is_uint64())
        out_of_range(path);
    std::int64_t number = 0;
    if (const auto* value = from.if_int64()) {
        number = *value;
    } else if (const auto* real = from.if_double();
               real && *real >= -0x1p53 && *real <= 0x1p53 &&
               *real == static_cast<double>(static_cast<std::int64_t>(*real))) {
        number = static_cast<std::int64_t>(*real);
    } else {
        json_mismatch(path, "an integer", from);
    }
    if (number < min || number > max)
        out_of_range(path);
    return number;
}

std::uint64_t read_unsigned(const json::value& from, const json_path& path, std::uint64_t max)
{
    std::uint64_t number = 0;
    if (const auto* value = from.if_uint64()) {
        number = *value;
    } else {
        const auto integer = read_signed(from, path, std::numeric_limits<std::int64_t>::min(),
                                         std::numeric_limits<std::int64_t>::max());
        if (integer < 0)
            out_of_range(path);
        number = static_cast<std::uint64_t>(integer);
    }
    if (number > max)
        out_of_range(path);
    return number;
}

double read_double(const json::value& from, const json_path& path)
{
    switch (from.kind()) {
    case json::kind::double_:
        return from.get_double();
    case json::kind::int64:
        return static_cast<double>(from.get_int64());
    case json::kind::uint64:
        return static_cast<double>(from.get_uint64());
    default:
        json_mismatch(path, "a number", from);
    }
}

std::string_view read_string(const json::value& from, const json_path& path,
                             std::string_view wanted)
{
    if (const auto* value = from.if_string())
        return *value;
    json_mismatch(path, wanted, from);
}

const json::array& read_array(const json::value& from, const json_path& path)
{
    if (const auto* value = from.if_array())
        return *value;
    json_mismatch(path, "an array", from);
}

const json::object& read_object(const json::value& from, const json_path& path)
{
    if (const auto* value = from.if_object())
        return *value;
    json_mismatch(path, "an object", from);
}

} // namespace detail

} // namespace nimbus
