#include "base/json.h"

#include "base/encoding.h"
#include "base/error.h"

#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace nimbus {
namespace {

/// With an exponent where ECMAScript's Number::toString has one: from 1e21, and below 1e-6.
void append_number(std::string& out, double number)
{
    if (!std::isfinite(number)) {
        out += "null";
        return;
    }
    const auto size = std::abs(number);
    const bool is_plain = number == 0 || (size >= 1e-6 && size < 1e21);
    std::array<char, 64> text;
    const auto end =
        std::to_chars(text.begin(), text.end(), number == 0 ? 0.0 : number,
                      is_plain ? std::chars_format::fixed : std::chars_format::scientific)
            .ptr;
    out.append(text.begin(), end);
}

/// Without an indentation, on one line.
class Printer {
public:
    Printer(std::string& out, bool is_indented) : out_(out), is_indented_(is_indented) {}

    void print(const json::value& value)
    {
        if (const auto* object = value.if_object())
            print_all('{', *object, '}', [this](const auto& member) {
                append_json_string(out_, member.key());
                out_ += is_indented_ ? ": " : ":";
                print(member.value());
            });
        else if (const auto* array = value.if_array())
            print_all('[', *array, ']', [this](const auto& element) { print(element); });
        else if (const auto* text = value.if_string())
            append_json_string(out_, *text);
        else if (const auto* number = value.if_double())
            append_number(out_, *number);
        else
            out_ += json::serialize(value);
    }

private:
    template <class Items, class PrintOne>
    void print_all(char open, const Items& items, char close, PrintOne print_one)
    {
        out_ += open;
        ++depth_;
        const char* separator = "";
        for (const auto& item : items) {
            out_ += separator;
            separator = ",";
            new_line();
            print_one(item);
        }
        --depth_;
        if (!items.empty())
            new_line();
        out_ += close;
    }

    void new_line()
    {
        if (!is_indented_)
            return;
        out_ += '\n';
        out_.append(depth_ * 2, ' ');
    }

    std::string& out_;
    bool is_indented_;
    std::size_t depth_ = 0;
};

json::value parse(std::string_view text, std::string_view what, json::storage_ptr storage)
{
    json::parse_options options;
    options.max_depth = 64;
    std::array<unsigned char, 4096> scratch; // most documents need no more
    json::stream_parser parser({}, options, scratch.data(), scratch.size());
    parser.reset(std::move(storage));
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

} // namespace

json::value parse_json(std::string_view text, std::string_view what)
{
    return parse(text, what, {});
}

JsonDocument::JsonDocument(std::string_view text, std::string_view what)
    : memory_(2 * text.size()), root_(parse(text, what, &memory_))
{
}

std::string compact_json(const json::value& value)
{
    std::string out;
    Printer(out, false).print(value);
    return out;
}

std::string pretty_json(const json::value& value)
{
    std::string out;
    Printer(out, true).print(value);
    out += '\n';
    return out;
}

void append_json_string(std::string& out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    std::size_t clean_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const auto length = c < 0x80 ? 1 : utf8_character_length(text.substr(i));
        if (length > 0 && c >= 0x20 && c != '"' && c != '\\') {
            i += length - 1;
            continue;
        }
        out.append(text, clean_from, i - clean_from);
        clean_from = i + 1;
        if (length == 0) {
            out += replacement_character;
            continue;
        }
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
