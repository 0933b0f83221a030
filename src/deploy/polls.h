#pragma once

#include "base/mutex.h"

#include <chrono>

namespace nimbus::deploy {

/// When to look whether AWS is done, for all changes of one kind together, which take about as long
/// as each other. Until one is seen to be done, they look at times that grow from the usual one on,
/// one look for all of them at each of these times. From then on each looks when it should be done.
/// Thread-safe.
class Polls {
public:
    using Time = std::chrono::nanoseconds; ///< since the change was made

    /// `usual`: when to look first.
    explicit Polls(std::chrono::milliseconds usual) : next_look_(usual) {}

    /// How long one has to pause that waited for `waited` and looked last at `last_look` (0:
    /// never). 0: it looks now.
    Time pause(Time waited, Time last_look);
    /// One was done when it was looked at.
    void saw_done(Time waited);

private:
    Mutex mutex_;
    Time next_look_ NIMBUS_GUARDED_BY(mutex_);  ///< while nothing is learned
    Time learned_ NIMBUS_GUARDED_BY(mutex_){0}; ///< 0: nothing yet
};

} // namespace nimbus::deploy
