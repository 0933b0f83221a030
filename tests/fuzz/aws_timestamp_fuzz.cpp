// When credentials expire is written by other programs: whatever it is, parse_timestamp gives
// nothing, or a moment that it reads again from its usual form.

#include "aws/credentials/timestamp.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto time = aws::parse_timestamp(text);
    if (!time)
        return 0;
    // An offset may lead out of the years of four digits, which have no usual form.
    const auto seconds = to_unix_seconds(*time);
    constexpr std::int64_t year_1970 = 0, year_9999 = 253'370'764'800;
    if (seconds < year_1970 || seconds >= year_9999)
        return 0;
    if (aws::parse_timestamp(format_iso8601_milliseconds(*time)) !=
        std::chrono::floor<std::chrono::milliseconds>(*time))
        std::abort();
    return 0;
}
