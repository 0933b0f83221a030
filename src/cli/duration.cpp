#include "cli/duration.h"

#include "base/number.h"

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
    const auto count = take_number<std::uint32_t>(text);
    if (!count || text.size() != 1)
        return {};
    const auto one = unit(text.front());
    if (!one || *count > longest / *one)
        return {};
    return *one * *count;
}

} // namespace nimbus::cli
