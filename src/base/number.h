#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

/// Numbers in text, independent of the locale, as std::from_chars reads them: digits with an
/// optional `-` for signed types. Neither blanks nor a `+` may come before them.
namespace nimbus {

template <typename T>
concept Number = (std::integral<T> && !std::same_as<T, bool>) || std::floating_point<T>;

/// Takes the number that `text` begins with off it. Nothing, and `text` stays as it is, when it
/// begins with none or the number does not fit into T.
template <Number T>
std::optional<T> take_number(std::string_view& text) noexcept
{
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{})
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// The number that the whole of `text` is; nothing when it is none or does not fit into T.
template <Number T>
std::optional<T> parse_number(std::string_view text) noexcept
{
    const auto value = take_number<T>(text);
    return text.empty() ? value : std::nullopt;
}

/// As above, with digits of `base` (2 to 36, letters in either case) and no prefix such as 0x.
template <std::integral T>
std::optional<T> parse_number(std::string_view text, int base) noexcept
{
    T value{};
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

} // namespace nimbus
