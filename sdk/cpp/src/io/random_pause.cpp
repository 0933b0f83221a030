#include "io/random_pause.h"

#include <random>

namespace nimbus::detail {

std::chrono::milliseconds random_pause(const Backoff& backoff, int failures)
{
    thread_local std::minstd_rand engine{std::random_device{}()};
    const double random = std::uniform_real_distribution<double>(0, 1)(engine);
    return backoff.pause(failures) + backoff.jittered_pause(failures, random);
}

} // namespace nimbus::detail
