#include "cli/duration.h"

#include <charconv>
#include <cstdint>

namespace nimbus::cli {
namespace {

constexpr std::chrono::days longest{10'000};

std::optional<std::chrono::seconds> unit(char letter) noexcept
{
    switch (letter) {
    case 's':
        return std::chrono::seconds(1);
    case 'm':
        return std::chrono::minutes(1);
    case 'h':
        return std::chrono::hours(1);
    case 'd':
        return std::chrono::days(1);
    default:
        return {};
    }
}

} // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) noexcept
{
    std::uint32_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end + 1 != text.data() + text.size())
        return {};
    const auto one = unit(*end);
    if (!one || count > longest / *one)
        return {};
    return *one * count;
}

} // namespace nimbus::cli
