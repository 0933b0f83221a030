#pragma once

#include <backward.hpp>
#include <cstddef>

namespace nimbus::detail {

inline constexpr std::size_t most_frames = 64;

/// The exception that was thrown last on a thread, and from where. Taking the addresses costs
/// microseconds; they become lines only when somebody asks.
struct LastThrow {
    const void* exception = nullptr;
    backward::StackTrace trace;
};

/// On this thread.
LastThrow& last_throw();

} // namespace nimbus::detail
