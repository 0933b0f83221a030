#pragma once

#include "base/backoff.h"

#include <chrono>

namespace nimbus::detail {

/// The pause of `backoff` after that many failures, and up to as much again at random, so that
/// functions that fail together do not come back together.
std::chrono::milliseconds random_pause(const Backoff& backoff, int failures);

} // namespace nimbus::detail
