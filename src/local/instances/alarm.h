#pragma once

#include "base/assert.h"
#include "local/instances/invocation.h"
#include "net/event_loop.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace nimbus::local {

/// One timer for all deadlines of a pool. A deadline that is pushed back, as every invocation's
/// is, costs nothing: the alarm goes off at the earliest one that was asked for, and whoever it
/// wakes looks for the next.
class Alarm {
public:
    Alarm(net::EventLoop& loop, std::function<void()> work) : loop_(loop), work_(std::move(work)) {}

    void wake_by(SteadyTime when)
    {
        NIMBUS_ASSERT(loop_.is_owned_by_this_thread(), "alarms are set on the loop's thread");
        if (when >= when_)
            return;
        when_ = when;
        const auto delay =
            std::chrono::ceil<std::chrono::milliseconds>(when - std::chrono::steady_clock::now());
        timer_ = loop_.after(std::max(delay, std::chrono::milliseconds(0)), [this] {
            when_ = SteadyTime::max();
            work_();
        });
    }

    void cancel()
    {
        when_ = SteadyTime::max();
        timer_.cancel();
    }

private:
    net::EventLoop& loop_;
    std::function<void()> work_;
    net::Registration timer_;
    SteadyTime when_ = SteadyTime::max();
};

} // namespace nimbus::local
