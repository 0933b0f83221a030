#include "base/backoff.h"

#include <cmath>
#include <cstdint>

namespace nimbus {

std::chrono::milliseconds Backoff::pause(int failures) const noexcept
{
    if (failures < 1)
        return std::chrono::milliseconds(0);
    auto pause = first;
    // Compared by halves: doubling must not overflow.
    for (int i = 1; i < failures && pause < longest; ++i)
        pause = pause <= longest / 2 ? pause * 2 : longest;
    return pause < longest ? pause : longest;
}

std::chrono::milliseconds Backoff::jittered_pause(int failures, double random) const noexcept
{
    const auto limit = static_cast<double>(pause(failures).count());
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::floor(limit * random)));
}

} // namespace nimbus
