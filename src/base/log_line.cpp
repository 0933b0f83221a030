#include "base/log_line.h"

#include "base/assert.h"
#include "base/json.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstddef>

namespace nimbus {
namespace {

/// Beyond that, a value is a document, and not for a log.
constexpr std::size_t max_value = 2'000;

bool stands_bare(std::string_view value)
{
    return std::ranges::all_of(
        value, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; });
}

void append_value(std::string& out, std::string_view value)
{
    if (value.size() > max_value)
        return append_json_string(out, std::string(value.substr(0, max_value)) + "…");
    if (stands_bare(value))
        out += value;
    else
        append_json_string(out, value);
}

/// How long the JSON string at the beginning of `text` is, quotes included; 0 when it has no end.
std::size_t json_string_length(std::string_view text)
{
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"')
            return i + 1;
        if (text[i] == '\\')
            ++i;
    }
    return 0;
}

/// Takes the value that `rest` begins with off it.
std::optional<std::string> take_value(std::string_view& rest)
{
    if (!rest.starts_with('"')) {
        std::string value(rest.substr(0, rest.find(' ')));
        rest.remove_prefix(value.size());
        return value;
    }
    const auto length = json_string_length(rest);
    if (length == 0)
        return std::nullopt;
    json::error_code error;
    const auto value = json::parse(rest.substr(0, length), error);
    rest.remove_prefix(length);
    if (error || !value.is_string())
        return std::nullopt;
    return std::string(value.get_string());
}

} // namespace

std::string_view name_of(LogLevel level) noexcept
{
    return log_level_names[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> parse_log_level(std::string_view name) noexcept
{
    const auto found = std::ranges::find(log_level_names, name);
    if (found == log_level_names.end())
        return std::nullopt;
    return static_cast<LogLevel>(found - log_level_names.begin());
}

void LogField::append_to(std::string& out) const
{
    const auto* text = std::get_if<std::string_view>(&value_);
    if (text != nullptr && text->empty())
        return;
    out += ' ';
    out += name_;
    out += '=';
    if (text != nullptr)
        append_value(out, *text);
    else
        out += std::to_string(std::get<std::int64_t>(value_));
}

std::string format_log_line(SystemTime time, LogLevel level, std::string_view component,
                            std::string_view message, std::string_view context, LogFields fields)
{
    NIMBUS_ASSERT(!message.empty() && !component.empty(), "a line says who speaks, and what");
    std::string line = "time=" + format_iso8601_milliseconds(time);
    line += " level=";
    line += name_of(level);
    line += " component=";
    line += component;
    LogField("message", message).append_to(line);
    line += context;
    for (const auto& field : fields)
        field.append_to(line);
    return line;
}

std::optional<LogLine> parse_log_line(std::string_view line)
{
    std::vector<std::pair<std::string, std::string>> fields;
    for (auto rest = line; !rest.empty();) {
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos || equals == 0)
            return std::nullopt;
        std::string name(rest.substr(0, equals));
        rest.remove_prefix(equals + 1);
        auto value = take_value(rest);
        if (!value || (!rest.empty() && rest.front() != ' '))
            return std::nullopt;
        fields.emplace_back(std::move(name), *std::move(value));
        rest.remove_prefix(std::min<std::size_t>(rest.size(), 1));
    }
    constexpr std::array<std::string_view, 4> always{"time", "level", "component", "message"};
    if (fields.size() < always.size())
        return std::nullopt;
    for (std::size_t i = 0; i < always.size(); ++i)
        if (fields[i].first != always[i])
            return std::nullopt;
    const auto level = parse_log_level(fields[1].second);
    if (!level)
        return std::nullopt;
    LogLine parsed{.time = std::move(fields[0].second),
                   .level = *level,
                   .component = std::move(fields[2].second),
                   .message = std::move(fields[3].second),
                   .fields = {}};
    fields.erase(fields.begin(), fields.begin() + 4);
    parsed.fields = std::move(fields);
    return parsed;
}

} // namespace nimbus
