#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nimbus {

namespace json = boost::json;

/// Parses strictly, at most 64 levels deep; throws Error "<what> is not valid JSON: …, at line L,
/// column C".
json::value parse_json(std::string_view text, std::string_view what);

/// JSON that is read and then dropped: all of it lies in one piece of memory, which is cheap to
/// fill and to give back. What is made by copying a value of it lies there, too: assign what has to
/// last longer.
class JsonDocument {
public:
    /// Throws as parse_json.
    JsonDocument(std::string_view text, std::string_view what);
    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;

    const json::value& root() const noexcept { return root_; }

private:
    json::monotonic_resource memory_;
    json::value root_;
};

/// On one line; keys in the object's order. Numbers as people write them: 2.5, where the library
/// has 2.5E0. As in JavaScript, NaN and the infinities, which JSON does not have, become null; as
/// in append_json_string, bytes that are not UTF-8 become U+FFFD.
std::string compact_json(const json::value& value);

/// As compact_json, with two-space indentation and a final newline.
std::string pretty_json(const json::value& value);

/// Appends `text` as a JSON string, with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The member if it is there and of that type; otherwise nothing.
std::optional<std::string> string_member(const json::object& object, std::string_view key);
std::optional<std::int64_t> integer_member(const json::object& object, std::string_view key);
std::optional<bool> bool_member(const json::object& object, std::string_view key);
const json::object* object_member(const json::object& object, std::string_view key);
const json::array* array_member(const json::object& object, std::string_view key);

/// string_member or "".
std::string string_or_empty(const json::object& object, std::string_view key);

} // namespace nimbus
