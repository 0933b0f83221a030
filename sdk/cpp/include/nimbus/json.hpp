#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <nimbus/detail/chrono_text.hpp>
#include <nimbus/detail/describe.hpp>
#include <nimbus/detail/text_form.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// JSON from and to C++ values:
///
/// - bool, integers, double, std::string; enumerations with BOOST_DESCRIBE_ENUM, by name;
/// - nimbus::uuid, timestamp, date, decimal, interval, and the types of std::chrono, as text;
/// - std::vector<std::byte>, as base64;
/// - std::optional: null, and absent in a struct. std::optional<std::optional<T>> tells the two
///   apart: the outer one is empty for what is absent, the inner one for null;
/// - containers: arrays; std::map and std::unordered_map: objects, with keys that are text;
/// - std::variant: the first alternative that fits. A struct fits if it knows all fields. Or the
///   one that a member of the object names, see json_tag;
/// - structs with BOOST_DESCRIBE_STRUCT, and any nesting of these.
namespace nimbus {

namespace json = boost::json;

/// A JSON text or value that does not fit the wanted type. `what()` is a sentence that names the
/// field by its path ("items[2].name must be a string, not a number").
class json_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// How strictly from_json and request::json read structs, at every level.
///
/// A field that is absent takes the value that its member is initialised with, provided that this
/// is not the empty value of its type (0, false, "", {}), which says nothing about what was meant.
/// Without such a value, and unless it is std::optional, it is required.
struct json_options {
    /// A field that the struct has no member for is an error; otherwise it is ignored.
    bool reject_unknown_fields = false;
    /// No field is required: an absent one is as the struct initialises it, if with 0 or "".
    bool default_absent_fields = false;
};

/// Which member of an object says what a std::variant of structs holds. To have one, specialise it:
///
///     using Payment = std::variant<Card, Transfer>; // {"kind": "card", "number": "4711"}
///     template <>
///     struct nimbus::json_tag<Payment> {
///         static constexpr std::string_view member = "kind";
///         static constexpr std::array<std::string_view, 2> names{"card", "transfer"};
///     };
template <class Variant>
struct json_tag {};

/// Strict JSON, at most 64 levels deep, with numbers that a double can hold; throws json_error with
/// line and column, or with the number's path.
json::value parse_json_text(std::string_view text);

namespace detail {

/// Where in a document the reader stands: a chain through the callers' frames.
struct json_path {
    const json_path* parent = nullptr;
    std::string_view key{};
    std::size_t index = 0;
    json_options options{};

    json_path member(std::string_view name) const noexcept { return {this, name, 0, options}; }
    json_path element(std::size_t at) const noexcept { return {this, {}, at, options}; }
};

[[noreturn]] void json_mismatch(const json_path& path, std::string_view wanted,
                                const json::value& found);
[[noreturn]] void json_missing(const json_path& path);
[[noreturn]] void json_wrong_key(const json_path& path, std::string_view wanted);
/// `reasons`: why each alternative did not fit.
[[noreturn]] void json_no_alternative(const json_path& path, std::string_view reasons);
/// Takes the tag out of the object: which of the names it is.
std::size_t take_tag(json::object& object, std::string_view member,
                     std::span<const std::string_view> names, const json_path& path);
void reject_unknown_fields(const json::object& object, std::span<const std::string_view> known,
                           const json_path& path);

bool read_bool(const json::value& from, const json_path& path);
std::int64_t read_signed(const json::value& from, const json_path& path, std::int64_t min,
                         std::int64_t max);
std::uint64_t read_unsigned(const json::value& from, const json_path& path, std::uint64_t max);
double read_double(const json::value& from, const json_path& path, double max);
std::string_view read_string(const json::value& from, const json_path& path,
                             std::string_view wanted = "a string");
std::vector<std::byte> read_bytes(const json::value& from, const json_path& path);
std::string bytes_to_json(std::span<const std::byte> bytes);
const json::array& read_array(const json::value& from, const json_path& path);
const json::object& read_object(const json::value& from, const json_path& path);

template <class T>
concept json_native = std::same_as<T, json::value> || std::same_as<T, json::object> ||
                      std::same_as<T, json::array> || std::same_as<T, json::string>;

/// Does a struct that is initialised as `value` is say what an absent field means?
template <class T>
bool is_default(const T& value)
{
    if constexpr (is_optional<T>) {
        return true;
    } else if constexpr (described<T>) {
        bool all = boost::mp11::mp_size<members_of<T>>::value > 0;
        boost::mp11::mp_for_each<members_of<T>>(
            [&](auto member) { all = all && is_default(value.*member.pointer); });
        return all;
    } else if constexpr (is_variant<T>) {
        return value.index() > 0;
    } else if constexpr (requires {
                             { value.empty() } -> std::convertible_to<bool>;
                         }) {
        return !value.empty();
    } else if constexpr (std::equality_comparable<T>) {
        return value != T{};
    } else {
        return false;
    }
}

/// A std::variant that a member tells apart.
template <class T>
concept tagged = is_variant<T> && requires {
    { json_tag<T>::member } -> std::convertible_to<std::string_view>;
};

template <class Key>
Key read_key(std::string_view text, const json_path& path)
{
    if constexpr (has_text_form<Key>) {
        if (auto key = text_form<Key>::parse(text))
            return *std::move(key);
        json_wrong_key(path, text_form<Key>::wanted());
    } else if constexpr (std::integral<Key>) {
        Key key{};
        const auto* end = text.data() + text.size();
        const auto [stop, failure] = std::from_chars(text.data(), end, key);
        if (failure != std::errc{} || stop != end)
            json_wrong_key(path, "an integer");
        return key;
    } else {
        return Key(text);
    }
}

template <class T>
void read_json(const json::value& from, T& to, const json_path& path);

template <class T, std::size_t... Index>
void read_variant(const json::value& from, T& to, json_path path, std::index_sequence<Index...>)
{
    path.options.reject_unknown_fields = true;
    std::string reasons;
    const auto fits = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        try {
            boost::mp11::mp_at_c<T, I> value{};
            read_json(from, value, path);
            to.template emplace<I>(std::move(value));
            return true;
        } catch (const json_error& failure) {
            (reasons += reasons.empty() ? "" : "; ") += failure.what();
            return false;
        }
    };
    if (!(fits(std::integral_constant<std::size_t, Index>{}) || ...))
        json_no_alternative(path, reasons);
}

template <class T, std::size_t... Index>
void read_tagged(const json::value& from, T& to, const json_path& path,
                 std::index_sequence<Index...>)
{
    static_assert(std::size(json_tag<T>::names) == sizeof...(Index),
                  "json_tag needs a name for each alternative, in their order");
    static_assert((described<boost::mp11::mp_at_c<T, Index>> && ...),
                  "json_tag is for alternatives that are described structs");
    auto object = read_object(from, path);
    const auto chosen = take_tag(object, json_tag<T>::member, json_tag<T>::names, path);
    const json::value rest(std::move(object));
    const auto read = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        read_json(rest, to.template emplace<I>(), path);
        return true;
    };
    static_cast<void>(
        ((chosen == Index && read(std::integral_constant<std::size_t, Index>{})) || ...));
}

/// `to` is as its struct, or T{}, initialises it.
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
        to = static_cast<T>(
            read_double(from, path, static_cast<double>(std::numeric_limits<T>::max())));
    } else if constexpr (std::same_as<T, std::string>) {
        to = read_string(from, path);
    } else if constexpr (has_text_form<T>) {
        using form = text_form<T>;
        const auto* text = from.if_string();
        auto parsed = text ? form::parse(*text) : std::nullopt;
        if (!parsed)
            json_mismatch(path, form::wanted(), from);
        to = *std::move(parsed);
    } else if constexpr (std::same_as<T, std::vector<std::byte>>) {
        to = read_bytes(from, path);
    } else if constexpr (is_optional<T>) {
        to.emplace();
        if (!from.is_null())
            read_json(from, *to, path);
        else if constexpr (!is_optional<typename T::value_type>)
            to.reset();
    } else if constexpr (tagged<T>) {
        read_tagged(from, to, path, std::make_index_sequence<boost::mp11::mp_size<T>::value>{});
    } else if constexpr (is_variant<T>) {
        read_variant(from, to, path, std::make_index_sequence<boost::mp11::mp_size<T>::value>{});
    } else if constexpr (map_like<T>) {
        to.clear();
        for (const auto& [key, value] : read_object(from, path)) {
            const auto at = path.member(key);
            read_json(value, to[read_key<typename T::key_type>(key, at)], at);
        }
    } else if constexpr (sequence<T>) {
        to.clear();
        std::size_t index = 0;
        for (const auto& element : read_array(from, path)) {
            typename T::value_type value{};
            read_json(element, value, path.element(index++));
            to.push_back(std::move(value));
        }
    } else if constexpr (described<T>) {
        const auto& object = read_object(from, path);
        boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
            auto& field = to.*member.pointer;
            if (const auto* value = object.if_contains(member.name))
                read_json(*value, field, path.member(member.name));
            else if (!path.options.default_absent_fields && !is_default(field))
                json_missing(path.member(member.name));
        });
        if (path.options.reject_unknown_fields)
            reject_unknown_fields(object, member_names<T>, path);
    } else if constexpr (std::is_empty_v<T> && std::equality_comparable<T>) {
        if (!from.is_null()) // std::monostate
            json_mismatch(path, "null", from);
    } else if constexpr (std::is_enum_v<T>) {
        static_assert(always_false<T>, "nimbus reads enumerations by the names of their values; "
                                       "describe it with BOOST_DESCRIBE_ENUM(Type, values…)");
    } else {
        static_assert(always_false<T>, "nimbus cannot read this type from JSON; describe it with "
                                       "BOOST_DESCRIBE_STRUCT(Type, (), (members…))");
    }
}

/// A member of a struct that is left out of its JSON: absent, where null would be another value.
template <class T>
bool is_absent(const T& value)
{
    if constexpr (is_optional<T>) {
        if constexpr (is_optional<typename T::value_type>)
            return !value;
    }
    return false;
}

template <class Key>
std::string key_to_json(const Key& key)
{
    if constexpr (has_text_form<Key>)
        return text_form<Key>::to_json(key);
    else if constexpr (std::integral<Key>)
        return std::to_string(key);
    else
        return std::string(std::string_view(key));
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
    } else if constexpr (detail::string_like<T>) {
        return json::value(std::string_view(value));
    } else if constexpr (detail::has_text_form<T>) {
        return json::value(std::string_view(detail::text_form<T>::to_json(value)));
    } else if constexpr (detail::byte_sequence<T>) {
        return json::value(std::string_view(detail::bytes_to_json(value)));
    } else if constexpr (detail::is_optional<T>) {
        return value ? to_json(*value) : json::value(nullptr);
    } else if constexpr (detail::tagged<T>) {
        json::object object{{json_tag<T>::member, json_tag<T>::names[value.index()]}};
        auto members = visit([](const auto& alternative) { return to_json(alternative); }, value);
        for (auto& [name, content] : members.as_object())
            object.emplace(name, std::move(content));
        return object;
    } else if constexpr (detail::is_variant<T>) {
        return visit([](const auto& alternative) { return to_json(alternative); }, value);
    } else if constexpr (detail::map_like<T>) {
        json::object object;
        for (const auto& [key, element] : value)
            object.emplace(detail::key_to_json(key), to_json(element));
        return object;
    } else if constexpr (detail::range_like<T>) {
        json::array array;
        array.reserve(value.size());
        for (const auto& element : value)
            array.push_back(to_json(static_cast<const typename T::value_type&>(element)));
        return array;
    } else if constexpr (detail::described<T>) {
        json::object object;
        boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) {
            if (!detail::is_absent(value.*member.pointer))
                object.emplace(member.name, to_json(value.*member.pointer));
        });
        return object;
    } else if constexpr (std::is_empty_v<T> && std::equality_comparable<T>) {
        return json::value(nullptr); // std::monostate
    } else if constexpr (std::is_enum_v<T>) {
        static_assert(detail::always_false<T>,
                      "nimbus writes enumerations as the names of their values; describe it with "
                      "BOOST_DESCRIBE_ENUM(Type, values…)");
    } else {
        static_assert(detail::always_false<T>,
                      "nimbus cannot write this type as JSON; describe it with "
                      "BOOST_DESCRIBE_STRUCT(Type, (), (members…))");
    }
}

/// `value` as a T. Throws json_error.
template <class T>
T from_json(const json::value& value, const json_options& options = {})
{
    T result{};
    detail::read_json(value, result, detail::json_path{.options = options});
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
