#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nimbus/detail/describe.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// JSON from and to C++ values: bool, integers, double, std::string, nimbus::uuid, timestamp and
/// date, std::optional (null, and absent in a struct), containers (arrays; with string keys:
/// objects), structs with BOOST_DESCRIBE_STRUCT, and any nesting of these.
namespace nimbus {

namespace json = boost::json;

/// A JSON text or value that does not fit the wanted type. `what()` is a sentence that names the
/// field by its path ("items[2].name must be a string, not a number").
class json_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Strict JSON, at most 64 levels deep; throws json_error with line and column.
json::value parse_json_text(std::string_view text);

namespace detail {

/// Where in a document the reader stands: a chain through the callers' frames.
struct json_path {
    const json_path* parent = nullptr;
    std::string_view key{};
    std::size_t index = 0;
};

[[noreturn]] void json_mismatch(const json_path& path, std::string_view wanted,
                                const json::value& found);
[[noreturn]] void json_missing(const json_path& path);

bool read_bool(const json::value& from, const json_path& path);
std::int64_t read_signed(const json::value& from, const json_path& path, std::int64_t min,
                         std::int64_t max);
std::uint64_t read_unsigned(const json::value& from, const json_path& path, std::uint64_t max);
double read_double(const json::value& from, const json_path& path);
std::string_view read_string(const json::value& from, const json_path& path,
                             std::string_view wanted = "a string");
const json::array& read_array(const json::value& from, const json_path& path);
const json::object& read_object(const json::value& from, const json_path& path);

template <class T>
concept json_native = std::same_as<T, json::value> || std::same_as<T, json::object> ||
                      std::same_as<T, json::array> || std::same_as<T, json::string>;

template <class T>
concept string_map = requires {
    typename T::mapped_type;
    requires std::convertible_to<typename T::key_type, std::string_view>;
};

template <class T>
concept sequence = requires(T container, typename T::value_type element) {
    container.begin();
    container.end();
    container.push_back(std::move(element));
};

template <class T>
void read_json(const json::value& from, T& to, const json_path& path)
{
    if constexpr (std::same_as<T, json::value>) {
        to = from;
    } else if constexpr (std::same_as<T, json::object>) {
        to = read_object(from, path);
    } else if constexpr (std::same_as<T, json::array>) {
        to = read_array(from, path);
    } else if constexpr (std::same_as<T, bool>) {
        to = read_bool(from, path);
    } else if constexpr (std::signed_integral<T>) {
        to = static_cast<T>(
            read_signed(from, path, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    } else if constexpr (std::unsigned_integral<T>) {
        to = static_cast<T>(read_unsigned(from, path, std::numeric_limits<T>::max()));
    } else if constexpr (std::floating_point<T>) {
        to = static_cast<T>(read_double(from, path));
    } else if constexpr (std::same_as<T, std::string>) {
        to = read_string(from, path);
    } else if constexpr (text_value<T>) {
        if (auto parsed = T::parse(read_string(from, path, T::type_name)))
            to = *std::move(parsed);
        else
            json_mismatch(path, T::type_name, from);
    } else if constexpr (is_optional<T>) {
        if (from.is_null())
            to.reset();
        else
            read_json(from, to.emplace(), path);
    } else if constexpr (string_map<T>) {
        for (const auto& [key, value] : read_object(from, path))
            read_json(value, to[typename T::key_type(std::string_view(key))],
                      json_path{&path, key});
    } else if constexpr (sequence<T>) {
        to.clear();
        std::size_t index = 0;
        for (const auto& element : read_array(from, path)) {
            typename T::value_type value{};
            read_json(element, value, json_path{&path, {}, index++});
            to.push_back(std::move(value));
        }
    } else if constexpr (described<T>) {
        const auto& object = read_object(from, path);
        boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
            auto& field = to.*member.pointer;
            const json_path at{&path, member.name};
            if (const auto* value = object.if_contains(member.name))
                read_json(*value, field, at);
            else if constexpr (!is_optional<std::remove_reference_t<decltype(field)>>)
                json_missing(at);
        });
    } else {
        static_assert(always_false<T>, "nimbus cannot read this type from JSON; describe it with "
                                       "BOOST_DESCRIBE_STRUCT(Type, (), (members…))");
    }
}

} // namespace detail

/// The JSON form of `value`.
template <class T>
json::value to_json(const T& value)
{
    if constexpr (detail::json_native<T>) {
        return value;
    } else if constexpr (std::same_as<T, bool> || std::same_as<T, std::nullptr_t>) {
        return json::value(value);
    } else if constexpr (std::signed_integral<T>) {
        return json::value(static_cast<std::int64_t>(value));
    } else if constexpr (std::unsigned_integral<T>) {
        return json::value(static_cast<std::uint64_t>(value));
    } else if constexpr (std::floating_point<T>) {
        return json::value(static_cast<double>(value));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        return json::value(std::string_view(value));
    } else if constexpr (detail::text_value<T>) {
        return json::value(std::string_view(value.to_string()));
    } else if constexpr (detail::is_optional<T>) {
        return value ? to_json(*value) : json::value(nullptr);
    } else if constexpr (detail::string_map<T>) {
        json::object object;
        for (const auto& [key, element] : value)
            object.emplace(std::string_view(key), to_json(element));
        return object;
    } else if constexpr (detail::sequence<T>) {
        json::array array;
        array.reserve(value.size());
        for (const auto& element : value)
            array.push_back(to_json(static_cast<const typename T::value_type&>(element)));
        return array;
    } else if constexpr (detail::described<T>) {
        json::object object;
        boost::mp11::mp_for_each<detail::members_of<T>>(
            [&](auto member) { object.emplace(member.name, to_json(value.*member.pointer)); });
        return object;
    } else {
        static_assert(detail::always_false<T>,
                      "nimbus cannot write this type as JSON; describe it with "
                      "BOOST_DESCRIBE_STRUCT(Type, (), (members…))");
    }
}

/// `value` as a T; fields of a struct that are not optional must be there, unknown ones are
/// ignored. Throws json_error.
template <class T>
T from_json(const json::value& value)
{
    T result{};
    detail::read_json(value, result, detail::json_path{});
    return result;
}

/// A member of a JSON object in a braced list; takes whatever to_json takes:
///
///     nimbus::ok({{"count", users.size()}, {"users", users}, {"tags", {"a", "b"}}})
class field {
public:
    template <class T>
    field(std::string_view name, const T& content) : key(name), value(to_json(content))
    {
    }
    field(std::string_view name, json::value content) : key(name), value(std::move(content)) {}

    std::string_view key;
    json::value value;
};

/// The object of these members.
json::object object(std::initializer_list<field> members);

} // namespace nimbus
