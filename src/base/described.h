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

/// How the member is called in JSON.
template <Described T, class Member>
std::string member_name(Member T::* wanted)
{
    std::string name;
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        if constexpr (std::same_as<std::remove_cv_t<decltype(member.pointer)>, Member T::*>)
            if (member.pointer == wanted)
                name = camel_case(member.name);
    });
    return name;
}

namespace detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

[[noreturn]] void throw_wrong_type(const std::string& path, std::string_view wanted);
std::string text_from(const json::value& value, const std::string& path);
bool bool_from(const json::value& value, const std::string& path);
std::int64_t integer_from(const json::value& value, const std::string& path);
const json::object& object_from(const json::value& value, const std::string& path);
const json::array& array_from(const json::value& value, const std::string& path);

} // namespace detail

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
    for (const auto& value : values)
        array.push_back(to_json(value));
    return array;
}
template <class T>
json::value to_json(const std::map<std::string, T>& values)
{
    json::object object;
    for (const auto& [key, value] : values)
        object[key] = to_json(value);
    return object;
}

template <Described T>
json::object to_json(const T& value)
{
    json::object object;
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        const auto& part = value.*member.pointer;
        if constexpr (detail::IsOptional<std::remove_cvref_t<decltype(part)>>::value) {
            if (part)
                object[camel_case(member.name)] = to_json(*part);
        } else {
            object[camel_case(member.name)] = to_json(part);
        }
    });
    return object;
}

/// `path` is what messages call the value. Throws Error when a member is of another type.
template <class T>
T from_json(const json::value& value, const std::string& path);

namespace detail {

inline void read(const json::value& value, const std::string& path, std::string& into)
{
    into = text_from(value, path);
}
inline void read(const json::value& value, const std::string& path, bool& into)
{
    into = bool_from(value, path);
}
inline void read(const json::value& value, const std::string& path, int& into)
{
    into = static_cast<int>(integer_from(value, path));
}
inline void read(const json::value& value, const std::string&, json::value& into)
{
    into = value;
}
inline void read(const json::value& value, const std::string& path, json::object& into)
{
    into = object_from(value, path);
}
template <class T>
void read(const json::value& value, const std::string& path, std::optional<T>& into)
{
    if (value.is_null())
        into.reset();
    else
        into = from_json<T>(value, path);
}
template <class T>
void read(const json::value& value, const std::string& path, std::vector<T>& into)
{
    into.clear();
    for (const auto& element : array_from(value, path))
        into.push_back(from_json<T>(element, path));
}
template <class T>
void read(const json::value& value, const std::string& path, std::map<std::string, T>& into)
{
    into.clear();
    for (const auto& [key, element] : object_from(value, path))
        into[key] = from_json<T>(element, path);
}
template <Described T>
void read(const json::value& value, const std::string& path, T& into)
{
    const auto& object = object_from(value, path);
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        const auto name = camel_case(member.name);
        if (const auto* part = object.if_contains(name))
            read(*part, path + '.' + name, into.*member.pointer);
    });
}

} // namespace detail

template <class T>
T from_json(const json::value& value, const std::string& path)
{
    T result{};
    detail::read(value, path, result);
    return result;
}

} // namespace nimbus::described
