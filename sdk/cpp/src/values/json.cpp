#include "base/json.h"

#include "base/encoding.h"
#include "base/error.h"
#include "values/json_view.h"

#include <algorithm>
#include <cmath>
#include <nimbus/json.hpp>
#include <string>

namespace nimbus {

json::value parse_json_text(std::string_view text)
{
    return detail::parse_numbers_in_range(text, "the text");
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

/// A member has a name, if an empty one; the root and elements have none.
bool is_member(const json_path& path)
{
    return path.key.data() != nullptr;
}

void append_path(std::string& text, const json_path& path)
{
    if (!path.parent)
        return;
    append_path(text, *path.parent);
    if (!is_member(path)) {
        text += '[' + std::to_string(path.index) + ']';
    } else {
        if (!text.empty())
            text += '.';
        text += path.key.empty() ? "\"\"" : path.key;
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

/// What a number becomes that no double can hold.
void reject_infinities(const json::value& value, const json_path& path)
{
    if (const auto* number = value.if_double()) {
        if (!std::isfinite(*number))
            out_of_range(path);
    } else if (const auto* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            reject_infinities((*array)[i], path.element(i));
    } else if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            reject_infinities(member.value(), path.member(member.key()));
    }
}

} // namespace

json::value parse_numbers_in_range(std::string_view text, std::string_view what)
{
    try {
        auto value = parse_json(text, what);
        reject_infinities(value, {});
        return value;
    } catch (const Error& failure) {
        throw json_error(failure.what());
    }
}

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

void json_wrong_key(const json_path& path, std::string_view wanted)
{
    throw json_error(subject(path) + " is in the place of a key, which must be " +
                     std::string(wanted));
}

void json_no_alternative(const json_path& path, std::string_view reasons)
{
    throw json_error(subject(path) + " fits none of its alternatives: " + std::string(reasons));
}

std::size_t take_tag(json::object& object, std::string_view member,
                     std::span<const std::string_view> names, const json_path& path)
{
    const auto* tag = object.if_contains(member);
    if (tag == nullptr)
        json_missing(path.member(member));
    const auto* text = tag->if_string();
    const auto found = text == nullptr ? names.end() : std::ranges::find(names, *text);
    if (found == names.end()) {
        std::string list;
        for (const auto name : names)
            list += (list.empty() ? "one of " : ", ") + std::string(name);
        json_mismatch(path.member(member), list, *tag);
    }
    object.erase(member);
    return static_cast<std::size_t>(found - names.begin());
}

void reject_unknown_fields(const json::object& object, std::span<const std::string_view> known,
                           const json_path& path)
{
    for (const auto& member : object)
        if (std::ranges::find(known, std::string_view(member.key())) == known.end())
            throw json_error(subject(path.member(member.key())) + " is not a known field");
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
    } else if (const auto* real = from.if_double(); real && std::trunc(*real) == *real) {
        // Beyond 2^53, a double does not say which integer was meant.
        if (std::abs(*real) > 0x1p53)
            out_of_range(path);
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

double read_double(const json::value& from, const json_path& path, double max)
{
    double number = 0;
    if (const auto* real = from.if_double())
        number = *real;
    else if (const auto* integer = from.if_int64())
        number = static_cast<double>(*integer);
    else if (const auto* large = from.if_uint64())
        number = static_cast<double>(*large);
    else
        json_mismatch(path, "a number", from);
    if (!(std::abs(number) <= max))
        out_of_range(path);
    return number;
}

std::string_view read_string(const json::value& from, const json_path& path,
                             std::string_view wanted)
{
    if (const auto* value = from.if_string())
        return *value;
    json_mismatch(path, wanted, from);
}

std::vector<std::byte> read_bytes(const json::value& from, const json_path& path)
{
    const auto decoded = base64_decode(read_string(from, path, "base64"));
    if (!decoded)
        json_mismatch(path, "base64", from);
    const auto bytes = std::as_bytes(std::span(*decoded));
    return {bytes.begin(), bytes.end()};
}

std::string bytes_to_json(std::span<const std::byte> bytes)
{
    return base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
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
