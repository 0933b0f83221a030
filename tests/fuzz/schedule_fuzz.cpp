// A schedule expression comes from outside: whatever it is, Schedule throws Error or gives moments
// that grow, on whole seconds, and end with the year 2199. The input's first byte chooses the zone.

#include "base/error.h"
#include "schedule/schedule.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus;
    constexpr std::array<std::string_view, 5> zones{"UTC", "Europe/Berlin", "America/New_York",
                                                    "Australia/Lord_Howe", "Pacific/Apia"};
    constexpr auto end = std::chrono::sys_days(std::chrono::year(2200) / 1 / 2);
    if (size == 0)
        return 0;
    const std::string_view expression(reinterpret_cast<const char*>(data + 1), size - 1);
    SystemTime last(std::chrono::seconds(1'790'000'000 + 7919 * static_cast<long>(size)));
    try {
        const schedule::Schedule schedule(expression, zones[data[0] % zones.size()], last);
        for (const auto moment : schedule.next_n(last, 8)) {
            if (moment <= last || moment >= end ||
                moment != std::chrono::floor<std::chrono::seconds>(moment))
                std::abort();
            last = moment;
        }
    } catch (const Error&) {
    }
    return 0;
}
