#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nimbus/detail/describe.hpp>
#include <nimbus/json.hpp>
#include <nimbus/sql_error.hpp>
#include <nimbus/timestamp.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

/// Values to parameters, rows to values. Both sides travel as text: the server then infers a
/// parameter's type from where it stands (a std::string fits a uuid column), and numeric, json and
/// every other type read alike.
namespace nimbus::sql::detail {

/// NULL or text.
using parameter = std::optional<std::string>;
using parameter_list = std::vector<parameter>;

/// The rows of an answer.
class result {
public:
    struct column {
        std::string name;
        std::uint32_t type = 0; ///< the type's OID
    };

    std::vector<column> columns;

    void add_field(std::optional<std::string_view> value);
    void set_affected_rows(std::uint64_t count) noexcept { affected_rows_ = count; }

    std::size_t row_count() const noexcept
    {
        return columns.empty() ? 0 : fields_.size() / columns.size();
    }
    std::uint64_t affected_rows() const noexcept { return affected_rows_; }
    std::optional<std::string_view> field(std::size_t row, std::size_t index) const noexcept;
    /// The column's position, or nothing.
    std::optional<std::size_t> find(std::string_view name) const noexcept;

private:
    struct slice {
        std::size_t offset = 0;
        std::size_t size = null_size;
    };
    static constexpr std::size_t null_size = std::numeric_limits<std::size_t>::max();

    std::string bytes_;
    std::vector<slice> fields_;
    std::uint64_t affected_rows_ = 0;
};

parameter boolean_parameter(bool value);
parameter double_parameter(double value);
parameter json_parameter(const json::value& value);
parameter bytes_parameter(std::span<const std::byte> value);

template <class T>
parameter make_parameter(const T& value)
{
    if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::nullopt_t>) {
        return std::nullopt;
    } else if constexpr (nimbus::detail::is_optional<T>) {
        return value ? make_parameter(*value) : std::nullopt;
    } else if constexpr (std::same_as<T, bool>) {
        return boolean_parameter(value);
    } else if constexpr (std::integral<T>) {
        return std::to_string(value);
    } else if constexpr (std::floating_point<T>) {
        return double_parameter(static_cast<double>(value));
    } else if constexpr (nimbus::detail::json_native<T> && !std::same_as<T, json::string>) {
        return json_parameter(value);
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        return std::string(std::string_view(value));
    } else if constexpr (std::same_as<T, timestamp>) {
        return value.to_sql();
    } else if constexpr (nimbus::detail::text_value<T>) {
        return value.to_string();
    } else if constexpr (std::convertible_to<const T&, std::span<const std::byte>>) {
        return bytes_parameter(value);
    } else {
        static_assert(nimbus::detail::always_false<T>,
                      "nimbus cannot send this type as a SQL parameter");
    }
}

template <class... Arguments>
parameter_list make_parameters(const Arguments&... arguments)
{
    parameter_list list;
    list.reserve(sizeof...(arguments));
    (list.push_back(make_parameter(arguments)), ...);
    return list;
}

[[noreturn]] void throw_null(std::string_view column);
[[noreturn]] void throw_mismatch(std::string_view column, std::string_view wanted);
[[noreturn]] void throw_missing_column(std::string_view column, const result& in);
[[noreturn]] void throw_column_count(std::size_t wanted, const result& in);
bool parse_boolean(std::string_view text, std::string_view column);
double parse_double(std::string_view text, std::string_view column);
std::vector<std::byte> parse_bytes(std::string_view text, std::string_view column);
/// By the column's type: numbers, booleans, json as such; everything else as text; NULL as null.
json::value field_as_json(const result& in, std::size_t row, std::size_t column);
json::object row_as_json(const result& in, std::size_t row);

template <class T>
T field_as(const result& in, std::size_t row, std::size_t column)
{
    if constexpr (std::same_as<T, json::value>) {
        return field_as_json(in, row, column);
    } else {
        const auto text = in.field(row, column);
        const std::string_view name = in.columns[column].name;
        if constexpr (nimbus::detail::is_optional<T>) {
            if (!text)
                return std::nullopt;
            return field_as<typename T::value_type>(in, row, column);
        } else {
            if (!text)
                throw_null(name);
            if constexpr (std::same_as<T, bool>) {
                return parse_boolean(*text, name);
            } else if constexpr (std::integral<T>) {
                T value{};
                const auto* end = text->data() + text->size();
                const auto [stop, failure] = std::from_chars(text->data(), end, value);
                if (failure != std::errc{} || stop != end)
                    throw_mismatch(name, "an integer of this size");
                return value;
            } else if constexpr (std::floating_point<T>) {
                return static_cast<T>(parse_double(*text, name));
            } else if constexpr (std::same_as<T, std::string>) {
                return std::string(*text);
            } else if constexpr (nimbus::detail::text_value<T>) {
                auto value = T::parse(*text);
                if (!value)
                    throw_mismatch(name, T::type_name);
                return *std::move(value);
            } else if constexpr (std::same_as<T, std::vector<std::byte>>) {
                return parse_bytes(*text, name);
            } else {
                static_assert(nimbus::detail::always_false<T>,
                              "nimbus cannot read this type from a SQL column; a row needs "
                              "BOOST_DESCRIBE_STRUCT(Type, (), (members…))");
            }
        }
    }
}

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;

template <class T>
std::vector<T> rows_as(const result& in)
{
    std::vector<T> rows;
    rows.reserve(in.row_count());
    if constexpr (std::same_as<T, json::object>) {
        for (std::size_t row = 0; row < in.row_count(); ++row)
            rows.push_back(row_as_json(in, row));
    } else if constexpr (is_tuple<T>) {
        if (in.columns.size() != std::tuple_size_v<T>)
            throw_column_count(std::tuple_size_v<T>, in);
        for (std::size_t row = 0; row < in.row_count(); ++row)
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                rows.push_back(T{field_as<std::tuple_element_t<I, T>>(in, row, I)...});
            }(std::make_index_sequence<std::tuple_size_v<T>>{});
    } else if constexpr (nimbus::detail::described<T>) {
        using members = nimbus::detail::members_of<T>;
        std::array<std::size_t, boost::mp11::mp_size<members>::value> positions{};
        std::size_t member_index = 0;
        boost::mp11::mp_for_each<members>([&](auto member) {
            const auto position = in.find(member.name);
            if (!position)
                throw_missing_column(member.name, in);
            positions[member_index++] = *position;
        });
        for (std::size_t row = 0; row < in.row_count(); ++row) {
            T value{};
            member_index = 0;
            boost::mp11::mp_for_each<members>([&](auto member) {
                using field = std::remove_reference_t<decltype(value.*member.pointer)>;
                value.*member.pointer = field_as<field>(in, row, positions[member_index++]);
            });
            rows.push_back(std::move(value));
        }
    } else {
        if (in.columns.size() != 1)
            throw_column_count(1, in);
        for (std::size_t row = 0; row < in.row_count(); ++row)
            rows.push_back(field_as<T>(in, row, 0));
    }
    return rows;
}

} // namespace nimbus::sql::detail
