#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace nimbus::detail {

/// A struct with BOOST_DESCRIBE_STRUCT.
template <class T>
concept described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public |
                                                            boost::describe::mod_inherited>;

template <class... Member>
constexpr std::array<std::string_view, sizeof...(Member)> names_in(boost::mp11::mp_list<Member...>)
{
    return {Member::name...};
}
/// The names of a described struct's members, in their order.
template <described T>
inline constexpr auto member_names =
    names_in(boost::mp11::mp_rename<members_of<T>, boost::mp11::mp_list>{});

/// An enumeration with BOOST_DESCRIBE_ENUM.
template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

struct enumerator {
    std::string_view name;
    std::int64_t value;
};

template <class... Enumerator>
constexpr std::array<enumerator, sizeof...(Enumerator)>
enumerators_in(boost::mp11::mp_list<Enumerator...>)
{
    return {enumerator{Enumerator::name, static_cast<std::int64_t>(Enumerator::value)}...};
}
template <described_enum T>
inline constexpr auto enumerators = enumerators_in(
    boost::mp11::mp_rename<boost::describe::describe_enumerators<T>, boost::mp11::mp_list>{});

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// std::variant, which is recognised by its shape: its header is only read by those who use it.
template <class T>
inline constexpr bool is_variant = false;
template <template <class...> class T, class... Alternatives>
    requires requires(const T<Alternatives...>& value) { value.valueless_by_exception(); }
inline constexpr bool is_variant<T<Alternatives...>> = true;

template <class T>
concept string_like = std::convertible_to<const T&, std::string_view>;

template <class T>
concept byte_sequence = std::convertible_to<const T&, std::span<const std::byte>>;

/// A container with keys: std::map, std::unordered_map.
template <class T>
concept map_like = requires {
    typename T::key_type;
    typename T::mapped_type;
};

/// Elements in an order: std::vector, std::span, std::array, std::set.
template <class T>
concept range_like = !string_like<T> && !map_like<T> && requires(const T& container) {
    typename T::value_type;
    container.begin();
    container.end();
};

/// A range that can be filled.
template <class T>
concept sequence = range_like<T> && requires(T container, typename T::value_type element) {
    container.clear();
    container.push_back(std::move(element));
};

template <class T>
inline constexpr bool always_false = false;

} // namespace nimbus::detail
