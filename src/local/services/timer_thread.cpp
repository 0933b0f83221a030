#include "local/services/timer_thread.h"

#include <algorithm>

namespace nimbus::local {
namespace {

constexpr std::chrono::milliseconds longest_pause{60'000};

} // namespace

TimerThread::TimerThread(Work work, Clock clock, std::function<void(const std::string&)> problem)
    : work_(std::move(work)), clock_(std::move(clock)), problem_(std::move(problem)),
      thread_([this] { run(); })
{
}

TimerThread::~TimerThread()
{
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void TimerThread::wake()
{
    {
        const std::lock_guard lock(mutex_);
        is_woken_ = true;
    }
    changed_.notify_all();
}

void TimerThread::run()
{
    auto pause = std::chrono::milliseconds(0);
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, pause, [this] { return is_woken_ || is_stopping_; });
            if (is_stopping_)
                return;
            is_woken_ = false;
        }
        pause = pause_after_work();
    }
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
        problem_(error.what());
        return longest_pause;
    }
}

} // namespace nimbus::local
