#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nimbus/detail/describe.hpp>
#include <nimbus/detail/text_form.hpp>
#include <nimbus/json.hpp>
#include <nimbus/sql_error.hpp>
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
    void clear_rows() noexcept;
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

/// An element of an array, or NULL.
void append_array_element(std::string& to, const parameter& element);

/// What PostgreSQL's types do not have, and json and jsonb do.
template <class T>
inline constexpr bool is_json_only =
    nimbus::detail::json_native<T> || nimbus::detail::map_like<T> ||
    nimbus::detail::is_variant<T> || nimbus::detail::described<T>;

template <class T>
concept array_like =
    nimbus::detail::range_like<T> && !nimbus::detail::byte_sequence<T> &&
    !nimbus::detail::has_text_form<T> && !is_json_only<T> && !is_json_only<typename T::value_type>;

template <class T>
parameter make_parameter(const T& value);

template <class T>
void append_array(std::string& to, const T& elements)
{
    to += '{';
    const char* separator = "";
    for (const auto& each : elements) {
        const typename T::value_type& element = each;
        to += separator;
        separator = ",";
        if constexpr (array_like<typename T::value_type>)
            append_array(to, element);
        else
            append_array_element(to, make_parameter(element));
    }
    to += '}';
}

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
    } else if constexpr (nimbus::detail::string_like<T>) {
        return std::string(std::string_view(value));
    } else if constexpr (nimbus::detail::has_text_form<T>) {
        return nimbus::detail::text_form<T>::to_sql(value);
    } else if constexpr (nimbus::detail::byte_sequence<T>) {
        return bytes_parameter(value);
    } else if constexpr (array_like<T>) {
        std::string text;
        append_array(text, value);
        return text;
    } else if constexpr (is_json_only<T> || nimbus::detail::range_like<T>) {
        return json_parameter(to_json(value));
    } else {
        static_assert(nimbus::detail::always_false<T>,
                      "nimbus cannot send this type as a SQL parameter; a struct needs "
                      "BOOST_DESCRIBE_STRUCT and becomes json, an enumeration BOOST_DESCRIBE_ENUM");
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
/// By the column's type: numbers, booleans, json, and arrays of these as such; everything else as
/// text; NULL as null.
json::value field_as_json(std::optional<std::string_view> text, const result::column& column);
json::object row_as_json(const result& in, std::size_t row);

/// An array as PostgreSQL writes it, taken apart: an element is NULL, a text or an array again.
struct array_item {
    std::optional<std::string> text{};
    std::vector<array_item> items{};
    bool is_array = false;
};
/// Nothing when `text` is no array.
std::optional<array_item> parse_array(std::string_view text);
/// Is the column's type json or jsonb?
bool is_json(const result::column& column) noexcept;
/// What json_error says of a json column, as a mapping_error.
[[noreturn]] void throw_json_mismatch(std::string_view column, const json_error& failure);

template <class T>
T field_from(std::optional<std::string_view> text, const result::column& column);

template <class T>
T json_from(std::string_view text, const result::column& column)
{
    try {
        return from_json<T>(parse_json_text(text));
    } catch (const json_error& failure) {
        throw_json_mismatch(column.name, failure);
    }
}

template <class T>
T array_from(const array_item& array, const result::column& column)
{
    using element = typename T::value_type;
    T elements{};
    for (const auto& item : array.items) {
        if constexpr (array_like<element>) {
            if (!item.is_array)
                throw_mismatch(column.name, "an array of arrays");
            elements.push_back(array_from<element>(item, column));
        } else {
            if (item.is_array)
                throw_mismatch(column.name, "an array of one dimension");
            elements.push_back(field_from<element>(item.text, column));
        }
    }
    return elements;
}

template <class T>
T field_from(std::optional<std::string_view> text, const result::column& column)
{
    if constexpr (std::same_as<T, json::value>) {
        return field_as_json(text, column);
    } else if constexpr (nimbus::detail::is_optional<T>) {
        using inner = typename T::value_type;
        // Of nested ones, the inner one: the column is there.
        if (!text && !nimbus::detail::is_optional<inner>)
            return std::nullopt;
        return field_from<inner>(text, column);
    } else {
        if (!text)
            throw_null(column.name);
        if constexpr (std::same_as<T, bool>) {
            return parse_boolean(*text, column.name);
        } else if constexpr (std::integral<T>) {
            T value{};
            const auto* end = text->data() + text->size();
            const auto [stop, failure] = std::from_chars(text->data(), end, value);
            if (failure != std::errc{} || stop != end)
                throw_mismatch(column.name, "an integer of this size");
            return value;
        } else if constexpr (std::floating_point<T>) {
            return static_cast<T>(parse_double(*text, column.name));
        } else if constexpr (std::same_as<T, std::string>) {
            return std::string(*text);
        } else if constexpr (nimbus::detail::has_text_form<T>) {
            auto value = nimbus::detail::text_form<T>::parse(*text);
            if (!value)
                throw_mismatch(column.name, nimbus::detail::text_form<T>::wanted());
            return *std::move(value);
        } else if constexpr (std::same_as<T, std::vector<std::byte>>) {
            return parse_bytes(*text, column.name);
        } else if constexpr (nimbus::detail::sequence<T> && array_like<T>) {
            if (is_json(column))
                return json_from<T>(*text, column);
            const auto array = parse_array(*text);
            if (!array)
                throw_mismatch(column.name, "an array");
            return array_from<T>(*array, column);
        } else if constexpr (is_json_only<T> || nimbus::detail::sequence<T>) {
            return json_from<T>(*text, column);
        } else {
            static_assert(nimbus::detail::always_false<T>,
                          "nimbus cannot read this type from a SQL column; a row, and a struct in "
                          "a json column, needs BOOST_DESCRIBE_STRUCT(Type, (), (members…)), an "
                          "enumeration BOOST_DESCRIBE_ENUM(Type, values…)");
        }
    }
}

template <class T>
T field_as(const result& in, std::size_t row, std::size_t column)
{
    return field_from<T>(in.field(row, column), in.columns[column]);
}

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;

/// Makes Ts of the rows of an answer; made once its columns are known, for they are looked up once.
template <class T>
class row_reader {
public:
    explicit row_reader(const result& in)
    {
        if constexpr (is_tuple<T>) {
            if (in.columns.size() != std::tuple_size_v<T>)
                throw_column_count(std::tuple_size_v<T>, in);
        } else if constexpr (nimbus::detail::described<T>) {
            const T initial{};
            std::size_t index = 0;
            boost::mp11::mp_for_each<nimbus::detail::members_of<T>>([&](auto member) {
                const auto position = in.find(member.name);
                if (!position && !has_row_default(initial.*member.pointer))
                    throw_missing_column(member.name, in);
                positions_[index++] = position.value_or(absent);
            });
        } else if constexpr (!std::same_as<T, json::object>) {
            if (in.columns.size() != 1)
                throw_column_count(1, in);
        }
    }

    T operator()(const result& in, std::size_t row) const
    {
        if constexpr (std::same_as<T, json::object>) {
            return row_as_json(in, row);
        } else if constexpr (is_tuple<T>) {
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
                return T{field_as<std::tuple_element_t<I, T>>(in, row, I)...};
            }(std::make_index_sequence<std::tuple_size_v<T>>{});
        } else if constexpr (nimbus::detail::described<T>) {
            T value{};
            std::size_t index = 0;
            boost::mp11::mp_for_each<nimbus::detail::members_of<T>>([&](auto member) {
                read_member(in, row, positions_[index++], value.*member.pointer);
            });
            return value;
        } else {
            return field_as<T>(in, row, 0);
        }
    }

private:
    static constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t member_count = [] {
        if constexpr (nimbus::detail::described<T>)
            return nimbus::detail::member_names<T>.size();
        else
            return 0;
    }();

    /// A column that is absent or NULL leaves a member with a default as the struct initialises it.
    template <class Field>
    static void read_member(const result& in, std::size_t row, std::size_t position, Field& field)
    {
        constexpr bool takes_null =
            nimbus::detail::is_optional<Field> || std::same_as<Field, json::value>;
        if (position == absent)
            return;
        if (takes_null || in.field(row, position) || !has_row_default(field))
            field = field_as<Field>(in, row, position);
    }

    /// Optional members without a value do not have one: their column may have been forgotten.
    template <class Field>
    static bool has_row_default(const Field& field)
    {
        if constexpr (nimbus::detail::is_optional<Field>)
            return field.has_value() || nimbus::detail::is_optional<typename Field::value_type>;
        else
            return nimbus::detail::is_default(field);
    }

    std::array<std::size_t, member_count> positions_{};
};

template <class T>
std::vector<T> rows_as(const result& in)
{
    const row_reader<T> read(in);
    std::vector<T> rows;
    rows.reserve(in.row_count());
    for (std::size_t row = 0; row < in.row_count(); ++row)
        rows.push_back(read(in, row));
    return rows;
}

} // namespace nimbus::sql::detail
