#include "aws/credentials/timestamp.h"

#include "base/number.h"

#include <chrono>
#include <string>

namespace nimbus::aws {
namespace {

/// Takes "+02:00" off the end: how far the clock there is ahead of UTC.
std::optional<std::chrono::minutes> take_offset(std::string_view& text)
{
    constexpr std::size_t length = 6;
    if (text.size() < length)
        return {};
    const auto offset = text.substr(text.size() - length);
    const auto hours = parse_number<unsigned>(offset.substr(1, 2));
    const auto minutes = parse_number<unsigned>(offset.substr(4));
    if ((offset[0] != '+' && offset[0] != '-') || offset[3] != ':' || !hours || !minutes ||
        *hours > 23 || *minutes > 59)
        return {};
    text.remove_suffix(length);
    const auto ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return offset[0] == '+' ? ahead : -ahead;
}

} // namespace

std::optional<SystemTime> parse_timestamp(std::string_view text)
{
    if (text.ends_with("UTC"))
        return parse_iso8601(std::string(text.substr(0, text.size() - 3)) + 'Z');
    const auto ahead = take_offset(text);
    if (!ahead)
        return parse_iso8601(text);
    auto time = parse_iso8601(std::string(text) + 'Z');
    if (time)
        *time -= *ahead;
    return time;
}

} // namespace nimbus::aws
