#include "aws/clock_skew.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace nimbus::aws {
namespace {

constexpr std::chrono::minutes harmless{4};

/// Source: the codes that the retry logic of AWS's SDKs corrects the clock for.
constexpr std::array<std::string_view, 6> codes{
    "RequestTimeTooSkewed",      "RequestExpired", "RequestInTheFuture", "SignatureDoesNotMatch",
    "InvalidSignatureException", "AuthFailure"};

/// "20 minutes", "5 hours", "3 days"
std::string in_words(std::chrono::seconds duration)
{
    const auto minutes = std::chrono::round<std::chrono::minutes>(duration).count();
    if (minutes < 120)
        return std::to_string(minutes) + " minutes";
    if (minutes < 48 * 60)
        return std::to_string(minutes / 60) + " hours";
    return std::to_string(minutes / 60 / 24) + " days";
}

} // namespace

bool may_be_clock_skew(std::string_view error_code)
{
    return std::ranges::find(codes, error_code) != codes.end();
}

std::string clock_skew_hint(const http::Response& response, SystemTime now)
{
    const auto date = parse_http_date(response.headers.get("Date"));
    if (!date)
        return {};
    const auto ahead = std::chrono::round<std::chrono::seconds>(now - *date);
    if (std::chrono::abs(ahead) <= harmless)
        return {};
    return "This machine's clock is " + in_words(std::chrono::abs(ahead)) +
           (ahead.count() > 0 ? " ahead of" : " behind") +
           " AWS's, and AWS takes signatures of the last few minutes only: set the clock, for "
           "example with `sudo timedatectl set-ntp true`.";
}

} // namespace nimbus::aws
