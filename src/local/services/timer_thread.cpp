#include "local/services/timer_thread.h"

#include "base/assert.h"

#include <algorithm>

namespace nimbus::local {
namespace {

constexpr std::chrono::milliseconds longest_pause{60'000};

} // namespace

TimerThread::TimerThread(Work work, Clock clock, Log log)
    : work_(std::move(work)), clock_(std::move(clock)), log_(std::move(log)),
      thread_([this] { run(); })
{
}

TimerThread::~TimerThread()
{
    NIMBUS_ASSERT(thread_.get_id() != std::this_thread::get_id(),
                  "a timer's thread is not ended by its own work");
    {
        const MutexLock lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void TimerThread::wake()
{
    {
        const MutexLock lock(mutex_);
        is_woken_ = true;
    }
    changed_.notify_all();
}

void TimerThread::run()
{
    auto pause = std::chrono::milliseconds(0);
    while (wait(pause))
        pause = pause_after_work();
}

bool TimerThread::wait(std::chrono::milliseconds pause)
{
    const auto until = std::chrono::steady_clock::now() + pause;
    MutexLock lock(mutex_);
    while (!is_woken_ && !is_stopping_)
        if (!changed_.wait_until(lock, until))
            break;
    is_woken_ = false;
    return !is_stopping_;
}

std::chrono::milliseconds TimerThread::pause_after_work()
{
    try {
        const auto next = work_();
        if (!next)
            return longest_pause;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - clock_());
        return std::clamp(left, std::chrono::milliseconds(0), longest_pause);
    } catch (const std::exception& error) {
        log_.error("What is due cannot be done; it is tried again within a minute",
                   {{"reason", error.what()}});
        return longest_pause;
    }
}

} // namespace nimbus::local
