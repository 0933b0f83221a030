#include "deploy/polls.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

constexpr std::chrono::milliseconds shortest_pause{20};
constexpr std::chrono::seconds longest_pause{2};

/// A third of the time so far: soon enough for what is quick, seldom enough for what is not.
Polls::Time after(Polls::Time look)
{
    return look + std::clamp<Polls::Time>(look / 3, shortest_pause, longest_pause);
}

} // namespace

Polls::Time Polls::pause(Time waited, Time last_look)
{
    const MutexLock lock(mutex_);
    const bool has_learned = learned_ > Time(0);
    const auto learned_look = last_look > Time(0) ? after(last_look) : learned_;
    const auto look = has_learned ? learned_look : next_look_;
    if (waited < look)
        return look - waited;
    if (!has_learned)
        next_look_ = after(waited);
    return Time(0);
}

void Polls::saw_done(Time waited)
{
    const MutexLock lock(mutex_);
    // It only grows: a look too early costs a call, and one too late a moment.
    learned_ = learned_ > Time(0) ? std::max(learned_, (learned_ + waited) / 2) : waited;
}

} // namespace nimbus::deploy
