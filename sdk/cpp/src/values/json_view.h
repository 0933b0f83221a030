#pragma once

#include <nimbus/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace nimbus::detail {

/// As parse_json_text; `what` is how messages call the text.
json::value parse_numbers_in_range(std::string_view text, std::string_view what);

/// Views of the texts in JSON that came from outside, where anything may be of another type.

/// The member if it is there and a string.
inline std::optional<std::string_view> text_member(const json::object& object,
                                                   std::string_view key) noexcept
{
    const auto* value = object.if_contains(key);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

/// The elements that are strings.
inline std::vector<std::string_view> text_elements(const json::array& array)
{
    std::vector<std::string_view> texts;
    texts.reserve(array.size());
    for (const auto& element : array)
        if (const auto* text = element.if_string())
            texts.emplace_back(*text);
    return texts;
}

} // namespace nimbus::detail
