#pragma once

#include <nimbus/detail/describe.hpp>
#include <optional>
#include <string>
#include <string_view>

/// Types whose values are text: in JSON, in path and query parameters, and in SQL.
namespace nimbus::detail {

/// Specialised for each such type, with these members:
///
///     static std::string to_json(const T&);
///     static std::string to_sql(const T&);
///     static std::optional<T> parse(std::string_view);   // either of both
///     static std::string wanted();                       // "a UUID": how messages name the type
template <class T>
struct text_form;

template <class T>
concept has_text_form = requires { sizeof(text_form<T>); };

/// uuid, timestamp, date, decimal, interval, and any type of the application's with these three
/// members.
template <class T>
concept text_value = requires(const T& value, std::string_view text) {
    { value.to_string() } -> std::convertible_to<std::string>;
    { T::parse(text) } -> std::same_as<std::optional<T>>;
    { T::type_name } -> std::convertible_to<std::string_view>;
};

template <text_value T>
struct text_form<T> {
    static std::string to_json(const T& value) { return value.to_string(); }
    static std::string to_sql(const T& value)
    {
        if constexpr (requires { value.to_sql(); })
            return value.to_sql();
        else
            return value.to_string();
    }
    static std::optional<T> parse(std::string_view text) { return T::parse(text); }
    static std::string wanted() { return std::string(T::type_name); }
};

/// Throws std::invalid_argument when no enumerator has that value.
std::string_view name_of_enumerator(std::span<const enumerator> known, std::int64_t value);
std::optional<std::int64_t> find_enumerator(std::span<const enumerator> known,
                                            std::string_view name) noexcept;
/// "one of open, closed"
std::string list_of_enumerators(std::span<const enumerator> known);

template <described_enum T>
struct text_form<T> {
    static std::string to_json(T value)
    {
        return std::string(name_of_enumerator(enumerators<T>, static_cast<std::int64_t>(value)));
    }
    static std::string to_sql(T value) { return to_json(value); }
    static std::optional<T> parse(std::string_view text)
    {
        const auto value = find_enumerator(enumerators<T>, text);
        return value ? std::optional(static_cast<T>(*value)) : std::nullopt;
    }
    static std::string wanted() { return list_of_enumerators(enumerators<T>); }
};

} // namespace nimbus::detail
