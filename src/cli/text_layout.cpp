#include "cli/text_layout.h"

#include "base/text.h"

#include <algorithm>

namespace nimbus::cli {
namespace {

bool begins_code_point(char c)
{
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

} // namespace

std::size_t columns(std::string_view utf8) noexcept
{
    return static_cast<std::size_t>(std::ranges::count_if(utf8, begins_code_point));
}

std::string padded(std::string_view utf8, std::size_t width)
{
    const auto used = columns(utf8);
    return std::string(utf8) + std::string(used < width ? width - used : 0, ' ');
}

std::string shortened(std::string_view utf8, std::size_t width)
{
    if (columns(utf8) <= width)
        return std::string(utf8);
    if (width == 0)
        return {};
    std::size_t seen = 0;
    const auto end =
        std::ranges::find_if(utf8, [&](char c) { return begins_code_point(c) && ++seen == width; });
    return std::string(utf8.begin(), end) + "…";
}

std::string wrapped(std::string_view utf8, std::size_t width)
{
    std::string text;
    std::size_t used = 0;
    for (const auto word : split(utf8, ' ')) {
        const auto length = columns(word);
        if (used > 0 && used + 1 + length > width) {
            text += '\n';
            used = 0;
        } else if (used > 0) {
            text += ' ';
            ++used;
        }
        text += word;
        used += length;
    }
    return text;
}

} // namespace nimbus::cli
