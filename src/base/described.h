#pragma once

#include "base/error.h"
#include "base/json.h"

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// Structs as JSON objects and back, by their description (BOOST_DESCRIBE_STRUCT). The member
/// `role_name` is "roleName" in JSON. An absent std::optional is no member; what JSON does not have
/// keeps the value that a new struct has.
namespace nimbus::described {

/// role_name -> roleName.
std::string camel_case(std::string_view snake_case);

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public |
                                                            boost::describe::mod_inherited>;

template <class T>
concept Described = std::is_class_v<T> && requires { typename members_of<T>; };

/// Where a value stands, for messages: written out only when there is one.
struct Path {
    const Path* whole = nullptr; ///< what it is a member of
    std::string_view name;

    std::string text() const;
};

namespace detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

[[noreturn]] void throw_wrong_type(const Path& path, std::string_view wanted);
std::string text_from(const json::value& value, const Path& path);
bool bool_from(const json::value& value, const Path& path);
std::int64_t integer_from(const json::value& value, const Path& path);
const json::object& object_from(const json::value& value, const Path& path);
const json::array& array_from(const json::value& value, const Path& path);

/// The name in JSON of a member that Boost describes, made once.
template <class Member>
const std::string& name_in_json(Member)
{
    static const std::string name = camel_case(Member::name);
    return name;
}

} // namespace detail

/// How the member is called in JSON.
template <Described T, class Member>
std::string member_name(Member T::* wanted)
{
    std::string name;
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        if constexpr (std::same_as<std::remove_cv_t<decltype(member.pointer)>, Member T::*>)
            if (member.pointer == wanted)
                name = detail::name_in_json(member);
    });
    return name;
}

template <Described T>
json::object to_json(const T& value);

inline json::value to_json(const std::string& text)
{
    return json::value(text);
}
inline json::value to_json(const json::value& value)
{
    return value;
}
inline json::value to_json(const json::object& object)
{
    return object;
}
template <class T>
    requires std::integral<T>
json::value to_json(T value)
{
    return json::value(value);
}
template <class T>
json::value to_json(const std::vector<T>& values)
{
    json::array array;
    array.reserve(values.size());
    for (const auto& value : values)
        array.push_back(to_json(value));
    return array;
}
template <class T>
json::value to_json(const std::map<std::string, T>& values)
{
    json::object object;
    object.reserve(values.size());
    for (const auto& [key, value] : values)
        object.emplace(key, to_json(value));
    return object;
}

template <Described T>
json::object to_json(const T& value)
{
    json::object object;
    object.reserve(boost::mp11::mp_size<members_of<T>>::value);
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        const auto& part = value.*member.pointer;
        if constexpr (detail::IsOptional<std::remove_cvref_t<decltype(part)>>::value) {
            if (part)
                object.emplace(detail::name_in_json(member), to_json(*part));
        } else {
            object.emplace(detail::name_in_json(member), to_json(part));
        }
    });
    return object;
}

/// `path` is what messages call the value. Throws Error when a member is of another type.
template <class T>
T from_json(const json::value& value, const Path& path);
template <class T>
T from_json(const json::value& value, std::string_view path)
{
    return from_json<T>(value, Path{.whole = nullptr, .name = path});
}
template <Described T>
T from_json(const json::object& object, std::string_view path);

namespace detail {

inline void read(const json::value& value, const Path& path, std::string& into)
{
    into = text_from(value, path);
}
inline void read(const json::value& value, const Path& path, bool& into)
{
    into = bool_from(value, path);
}
inline void read(const json::value& value, const Path& path, int& into)
{
    into = static_cast<int>(integer_from(value, path));
}
inline void read(const json::value& value, const Path&, json::value& into)
{
    into = value;
}
inline void read(const json::value& value, const Path& path, json::object& into)
{
    into = object_from(value, path);
}
template <class T>
void read(const json::value& value, const Path& path, std::optional<T>& into)
{
    if (value.is_null())
        into.reset();
    else
        into = from_json<T>(value, path);
}
template <class T>
void read(const json::value& value, const Path& path, std::vector<T>& into)
{
    const auto& array = array_from(value, path);
    into.clear();
    into.reserve(array.size());
    for (const auto& element : array)
        into.push_back(from_json<T>(element, path));
}
template <class T>
void read(const json::value& value, const Path& path, std::map<std::string, T>& into)
{
    into.clear();
    for (const auto& [key, element] : object_from(value, path))
        into.emplace_hint(into.end(), key, from_json<T>(element, path)); // most are sorted
}
template <Described T>
void read(const json::value& value, const Path& path, T& into);
template <Described T>
void read(const json::object& object, const Path& path, T& into)
{
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        const auto& name = name_in_json(member);
        if (const auto* part = object.if_contains(name))
            read(*part, Path{.whole = &path, .name = name}, into.*member.pointer);
    });
}
template <Described T>
void read(const json::value& value, const Path& path, T& into)
{
    read(object_from(value, path), path, into);
}

} // namespace detail

template <class T>
T from_json(const json::value& value, const Path& path)
{
    T result{};
    detail::read(value, path, result);
    return result;
}

/// Members that `object` has take the place of those of `into`. Throws as from_json.
template <Described T>
void read_over(const json::object& object, std::string_view path, T& into)
{
    detail::read(object, Path{.whole = nullptr, .name = path}, into);
}

template <Described T>
T from_json(const json::object& object, std::string_view path)
{
    T result{};
    read_over(object, path, result);
    return result;
}

} // namespace nimbus::described
