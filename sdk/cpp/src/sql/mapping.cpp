#include "base/encoding.h"
#include "base/json.h"
#include "base/number.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <nimbus/detail/sql_mapping.hpp>

namespace nimbus::sql::detail {

namespace {

// Types' OIDs: PostgreSQL's src/include/catalog/pg_type.dat; they never change.
constexpr std::uint32_t bool_type = 16;
constexpr std::uint32_t int8_type = 20;
constexpr std::uint32_t int2_type = 21;
constexpr std::uint32_t int4_type = 23;
constexpr std::uint32_t json_type = 114;
constexpr std::uint32_t float4_type = 700;
constexpr std::uint32_t float8_type = 701;
constexpr std::uint32_t timestamp_type = 1114;
constexpr std::uint32_t timestamptz_type = 1184;
constexpr std::uint32_t jsonb_type = 3802;

[[noreturn]] void throw_mapping(std::string message)
{
    throw mapping_error({.message = std::move(message)});
}

std::string column_list(const result& in)
{
    std::string names;
    for (const auto& column : in.columns)
        names += (names.empty() ? "" : ", ") + column.name;
    return names.empty() ? "no columns" : names;
}

} // namespace

void result::add_field(std::optional<std::string_view> value)
{
    if (!value) {
        fields_.push_back({});
        return;
    }
    fields_.push_back({bytes_.size(), value->size()});
    bytes_ += *value;
}

std::optional<std::string_view> result::field(std::size_t row, std::size_t index) const noexcept
{
    const auto& place = fields_[row * columns.size() + index];
    if (place.size == null_size)
        return std::nullopt;
    return std::string_view(bytes_).substr(place.offset, place.size);
}

std::optional<std::size_t> result::find(std::string_view name) const noexcept
{
    const auto found =
        std::ranges::find_if(columns, [&](const auto& each) { return each.name == name; });
    if (found == columns.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
}

parameter boolean_parameter(bool value)
{
    return value ? "true" : "false";
}

parameter double_parameter(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    std::array<char, 40> text{};
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
    return std::string(text.data(), end);
}

parameter json_parameter(const json::value& value)
{
    return compact_json(value);
}

parameter bytes_parameter(std::span<const std::byte> value)
{
    return "\\x" + hex_encode({reinterpret_cast<const char*>(value.data()), value.size()});
}

void throw_null(std::string_view column)
{
    throw_mapping("the column " + std::string(column) +
                  " is NULL; its C++ type must be std::optional");
}

void throw_mismatch(std::string_view column, std::string_view wanted)
{
    throw_mapping("the column " + std::string(column) + " does not hold " + std::string(wanted));
}

void throw_missing_column(std::string_view column, const result& in)
{
    throw_mapping("the statement returns no column " + std::string(column) + " (it returns " +
                  column_list(in) + ")");
}

void throw_column_count(std::size_t wanted, const result& in)
{
    throw_mapping("the statement returns " + column_list(in) + " where " + std::to_string(wanted) +
                  (wanted == 1 ? " column is" : " columns are") + " wanted");
}

bool parse_boolean(std::string_view text, std::string_view column)
{
    if (text != "t" && text != "f")
        throw_mismatch(column, "a boolean");
    return text == "t";
}

double parse_double(std::string_view text, std::string_view column)
{
    const auto value = parse_number<double>(text);
    if (!value)
        throw_mismatch(column, "a number");
    return *value;
}

std::vector<std::byte> parse_bytes(std::string_view text, std::string_view column)
{
    const auto decoded = text.starts_with("\\x") ? hex_decode(text.substr(2)) : std::nullopt;
    if (!decoded)
        throw_mismatch(column, "bytes");
    std::vector<std::byte> bytes(decoded->size());
    std::ranges::transform(*decoded, bytes.begin(),
                           [](char c) { return static_cast<std::byte>(c); });
    return bytes;
}

json::value field_as_json(const result& in, std::size_t row, std::size_t column)
{
    const auto text = in.field(row, column);
    if (!text)
        return nullptr;
    switch (in.columns[column].type) {
    case bool_type:
        return *text == "t";
    case int2_type:
    case int4_type:
    case int8_type:
        return field_as<std::int64_t>(in, row, column);
    case float4_type:
    case float8_type: {
        const auto value = field_as<double>(in, row, column);
        return std::isfinite(value) ? json::value(value) : json::value(*text);
    }
    case json_type:
    case jsonb_type:
        return parse_json_text(*text);
    case timestamp_type:
    case timestamptz_type: {
        const auto value = timestamp::parse(*text);
        return value ? json::value(value->to_string()) : json::value(*text);
    }
    default:
        return json::value(*text);
    }
}

json::object row_as_json(const result& in, std::size_t row)
{
    json::object object;
    object.reserve(in.columns.size());
    for (std::size_t column = 0; column < in.columns.size(); ++column)
        object.emplace(in.columns[column].name, field_as_json(in, row, column));
    return object;
}

} // namespace nimbus::sql::detail
