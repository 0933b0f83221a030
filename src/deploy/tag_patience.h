#pragma once

#include "base/backoff.h"
#include "deploy/resource.h"

#include <thread>

namespace nimbus::deploy {

/// About three seconds in all.
inline constexpr int most_tag_looks = 6;
inline constexpr Backoff tag_pauses{.first = std::chrono::milliseconds(100),
                                    .longest = std::chrono::milliseconds(2'000)};

/// Calls `look`, and again while it throws LostTags: AWS may not show yet the tags of what was made
/// a moment ago. The local cloud always does.
template <class Look>
auto until_tags_show(const World& world, Look look, const Backoff& pauses = tag_pauses)
{
    const int looks = world.target().name == "local" ? 1 : most_tag_looks;
    for (int failures = 1;; ++failures) {
        try {
            return look();
        } catch (const LostTags&) {
            if (failures == looks)
                throw;
        }
        std::this_thread::sleep_for(pauses.pause(failures));
    }
}

} // namespace nimbus::deploy
