#pragma once

#include <algorithm>
#include <string_view>

namespace nimbus {

/// Line ends, tabs and the others of ASCII.
inline bool has_control_character(std::string_view text) noexcept
{
    return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

} // namespace nimbus
