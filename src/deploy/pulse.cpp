#include "deploy/pulse.h"

namespace nimbus::deploy {
namespace {

constexpr std::chrono::milliseconds interval{20};

} // namespace

Pulse::Pulse() : thread_([this] { run(); }) {}

Pulse::~Pulse()
{
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool Pulse::stood_still() noexcept
{
    // In this order: a beat that came after the pause has left word of it before.
    const bool is_late = BootClock::now() - last_beat_.load() > longest_gap;
    return is_late || stood_still_.load();
}

void Pulse::forget() noexcept
{
    stood_still_ = false;
    last_beat_ = BootClock::now();
}

void Pulse::run()
{
    MutexLock lock(mutex_);
    while (!stopping_) {
        const auto next = Deadline::SteadyClock::now() + interval;
        changed_.wait_until(lock, next);
        if (stood_still())
            stood_still_ = true;
        last_beat_ = BootClock::now();
    }
}

} // namespace nimbus::deploy
