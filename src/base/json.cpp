#include "base/json.h"

#include "base/encoding.h"
#include "base/error.h"

#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

#include <algorithm>

namespace nimbus {
namespace {

void print(std::string& out, const json::value& value, std::size_t indent)
{
    const auto new_line = [&](std::size_t depth) {
        out += '\n';
        out.append(depth * 2, ' ');
    };
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
        out += '{';
        const char* separator = "";
        for (const auto& member : *object) {
            out += separator;
            separator = ",";
            new_line(indent + 1);
            out += json::serialize(json::string(member.key()));
            out += ": ";
            print(out, member.value(), indent + 1);
        }
        new_line(indent);
        out += '}';
    } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
        out += '[';
        const char* separator = "";
        for (const auto& element : *array) {
            out += separator;
            separator = ",";
            new_line(indent + 1);
            print(out, element, indent + 1);
        }
        new_line(indent);
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

} // namespace

json::value parse_json(std::string_view text, std::string_view what)
{
    json::parse_options options;
    options.max_depth = 64;
    json::stream_parser parser({}, options);
    json::error_code error;
    const std::size_t parsed = parser.write_some({text.data(), text.size()}, error);
    if (!error && text.find_first_not_of(" \t\r\n", parsed) != std::string_view::npos)
        error = json::error::extra_data;
    if (!error && !parser.done())
        parser.finish(error);
    if (!error)
        return parser.release();
    const std::string_view before = text.substr(0, parsed);
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto line_start = before.rfind('\n');
    const auto column = line_start == std::string_view::npos ? parsed + 1 : parsed - line_start;
    throw Error(std::string(what) + " is not valid JSON: " + error.message() + ", at line " +
                std::to_string(line) + ", column " + std::to_string(column));
}

std::string pretty_json(const json::value& value)
{
    std::string out;
    print(out, value, 0);
    out += '\n';
    return out;
}

void append_json_string(std::string& out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    if (!is_utf8(text))
        return append_json_string(out, to_utf8(text));
    out += '"';
    std::size_t clean_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        out.append(text, clean_from, i - clean_from);
        clean_from = i + 1;
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
        }
    }
    out.append(text, clean_from);
    out += '"';
}

std::optional<std::string> string_member(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_string())
        return {};
    return std::string(value->get_string());
}

std::optional<std::int64_t> integer_member(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr)
        return {};
    json::error_code error;
    const auto number = value->to_number<std::int64_t>(error);
    if (error)
        return {};
    return number;
}

std::optional<bool> bool_member(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_bool())
        return {};
    return value->get_bool();
}

const json::object* object_member(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_member(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_array();
}

std::string string_or_empty(const json::object& object, std::string_view key)
{
    return string_member(object, key).value_or("");
}

} // namespace nimbus
