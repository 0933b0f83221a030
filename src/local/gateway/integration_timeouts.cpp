#include "local/gateway/integration_timeouts.h"

#include "base/assert.h"

namespace nimbus::local::gateway {

Deadline IntegrationTimeouts::watch(Waiting& waiting, std::chrono::milliseconds timeout)
{
    NIMBUS_ASSERT(loop_.is_owned_by_this_thread(), "requests wait on the loop's thread");
    NIMBUS_ASSERT(!waiting.is_linked(), "a request waits once");
    auto& lane = lanes_[timeout];
    waiting.deadline_ = Deadline::after(timeout);
    NIMBUS_ASSERT(lane.waiting.empty() ||
                      lane.waiting.back().deadline_.when() <= waiting.deadline_.when(),
                  "requests of a lane expire in the order of their arrival");
    lane.waiting.push_back(waiting);
    if (!lane.timer)
        arm(lane);
    return waiting.deadline_;
}

void IntegrationTimeouts::arm(Lane& lane)
{
    lane.timer =
        loop_.after(lane.waiting.front().deadline_.remaining(), [this, &lane] { expire(lane); });
}

void IntegrationTimeouts::expire(Lane& lane)
{
    while (!lane.waiting.empty() && lane.waiting.front().deadline_.reached()) {
        auto& late = lane.waiting.front();
        lane.waiting.pop_front();
        late.time_out();
    }
    if (lane.waiting.empty())
        lane.timer.cancel();
    else
        arm(lane);
}

} // namespace nimbus::local::gateway
