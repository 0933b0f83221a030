#include "local/iam/pattern.h"

#include "base/text.h"

namespace nimbus::local::iam {
namespace {

constexpr char escape = '\\';

} // namespace

void Pattern::add(std::string_view text)
{
    text_ += text;
    for (const char c : text) {
        if (c == escape)
            escaped_ += escape;
        escaped_ += c;
    }
}

void Pattern::add_value(std::string_view value)
{
    text_ += value;
    for (const char c : value) {
        if (c == escape || c == '*' || c == '?')
            escaped_ += escape;
        escaped_ += c;
    }
}

bool Pattern::matches(std::string_view text) const noexcept
{
    return wildcard_match(escaped_, text, escape);
}

bool Pattern::matches_arn(std::string_view arn) const noexcept
{
    std::string_view pattern = escaped_;
    for (int part = 0; part < 5; ++part) {
        const auto pattern_end = pattern.find(':');
        const auto arn_end = arn.find(':');
        if (pattern_end == std::string_view::npos || arn_end == std::string_view::npos)
            break;
        if (!wildcard_match(pattern.substr(0, pattern_end), arn.substr(0, arn_end), escape))
            return false;
        pattern.remove_prefix(pattern_end + 1);
        arn.remove_prefix(arn_end + 1);
    }
    return wildcard_match(pattern, arn, escape);
}

} // namespace nimbus::local::iam
