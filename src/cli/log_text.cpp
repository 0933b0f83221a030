#include "cli/log_text.h"

#include "base/text.h"

namespace nimbus::cli {
namespace {

/// Of ESC [ numbers m, "Select Graphic Rendition" (ECMA-48 section 8.3.117), at the beginning.
std::size_t colour_length(std::string_view text)
{
    if (!text.starts_with("\x1b["))
        return 0;
    const auto end = text.find_first_not_of("0123456789;", 2);
    return end == std::string_view::npos || text[end] != 'm' ? 0 : end + 1;
}

/// Of DEL, or a control character from U+0080 to U+009F in UTF-8, at the beginning: terminals obey
/// the latter as they obey ESC sequences.
std::size_t control_length(std::string_view text)
{
    if (text.front() == '\x7f')
        return 1;
    const bool is_c1 = text.size() >= 2 && text[0] == '\xc2' &&
                       static_cast<unsigned char>(text[1]) >= 0x80 &&
                       static_cast<unsigned char>(text[1]) <= 0x9f;
    return is_c1 ? 2 : 0;
}

} // namespace

std::string without_controls(std::string_view lines)
{
    std::string text;
    for (auto rest = lines; !rest.empty();) {
        if (const auto length = colour_length(rest); length > 0) {
            text += rest.substr(0, length);
            rest.remove_prefix(length);
            continue;
        }
        if (const auto length = control_length(rest); length > 0) {
            rest.remove_prefix(length);
            continue;
        }
        // Node's runtime keeps the lines of a message together by carriage returns.
        const auto c = rest.front() == '\r' ? '\n' : rest.front();
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
            text += c;
        rest.remove_prefix(1);
    }
    return text;
}

std::string readable(std::string_view message)
{
    return without_controls(trim(message));
}

} // namespace nimbus::cli
