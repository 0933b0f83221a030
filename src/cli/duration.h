#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace nimbus::cli {

/// "90s", "10m", "2h" or "1d", up to 10,000 days; nothing for anything else.
std::optional<std::chrono::seconds> parse_duration(std::string_view text) noexcept;

} // namespace nimbus::cli
