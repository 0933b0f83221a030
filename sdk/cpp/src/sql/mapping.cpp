#include "base/encoding.h"
#include "base/json.h"
#include "base/number.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <nimbus/detail/sql_mapping.hpp>
#include <nimbus/timestamp.hpp>

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

struct ArrayType {
    std::uint32_t array;
    std::uint32_t element;
};
constexpr std::uint32_t text_type = 25;
constexpr std::array array_types{
    ArrayType{1000, bool_type}, ArrayType{1005, int2_type}, ArrayType{1007, int4_type},
    ArrayType{1016, int8_type}, ArrayType{1021, float4_type}, ArrayType{1022, float8_type},
    ArrayType{199, json_type}, ArrayType{3807, jsonb_type}, ArrayType{1115, timestamp_type},
    ArrayType{1185, timestamptz_type},
    // Types whose elements are texts in JSON: text, varchar, uuid, numeric, date.
    ArrayType{1009, text_type}, ArrayType{1015, text_type}, ArrayType{2951, text_type},
    ArrayType{1231, text_type}, ArrayType{1182, text_type}};

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

void result::clear_rows() noexcept
{
    fields_.clear();
    bytes_.clear();
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

bool is_json(const result::column& column) noexcept
{
    return column.type == json_type || column.type == jsonb_type;
}

void throw_json_mismatch(std::string_view column, const json_error& failure)
{
    throw_mapping("the JSON in the column " + std::string(column) +
                  " does not fit: " + failure.what());
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

namespace {

/// Of the types that DSQL has; 0 where `type` is no array of them.
std::uint32_t element_type(std::uint32_t type) noexcept
{
    const auto found = std::ranges::find(array_types, type, &ArrayType::array);
    return found == array_types.end() ? 0 : found->element;
}

json::value text_as_json(std::string_view text, const result::column& column);

json::value array_as_json(const array_item& item, const result::column& element)
{
    if (!item.is_array)
        return item.text ? text_as_json(*item.text, element) : json::value(nullptr);
    json::array array;
    array.reserve(item.items.size());
    for (const auto& each : item.items)
        array.push_back(array_as_json(each, element));
    return array;
}

json::value text_as_json(std::string_view text, const result::column& column)
{
    switch (column.type) {
    case bool_type:
        return text == "t";
    case int2_type:
    case int4_type:
    case int8_type:
        return field_from<std::int64_t>(text, column);
    case float4_type:
    case float8_type: {
        const auto value = parse_double(text, column.name);
        return std::isfinite(value) ? json::value(value) : json::value(text);
    }
    case json_type:
    case jsonb_type:
        return json_from<json::value>(text, column);
    case timestamp_type:
    case timestamptz_type: {
        const auto value = timestamp::parse(text);
        return value ? json::value(value->to_string()) : json::value(text);
    }
    default:
        break;
    }
    if (const auto element = element_type(column.type))
        if (const auto array = parse_array(text))
            return array_as_json(*array, {column.name, element});
    return json::value(text);
}

} // namespace

json::value field_as_json(std::optional<std::string_view> text, const result::column& column)
{
    return text ? text_as_json(*text, column) : json::value(nullptr);
}

json::object row_as_json(const result& in, std::size_t row)
{
    json::object object;
    object.reserve(in.columns.size());
    for (std::size_t column = 0; column < in.columns.size(); ++column)
        object.emplace(in.columns[column].name,
                       field_as_json(in.field(row, column), in.columns[column]));
    return object;
}

} // namespace nimbus::sql::detail
