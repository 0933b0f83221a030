#include "local/gateway/integration_timeouts.h"

namespace nimbus::local::gateway {

using std::chrono::steady_clock;

void IntegrationTimeouts::watch(Waiting& waiting, std::chrono::milliseconds timeout)
{
    auto& lane = lanes_[timeout];
    waiting.deadline_ = steady_clock::now() + timeout;
    lane.waiting.push_back(waiting);
    if (!lane.timer)
        arm(lane);
}

void IntegrationTimeouts::arm(Lane& lane)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(lane.waiting.front().deadline_ -
                                                                   steady_clock::now());
    lane.timer = loop_.after(left, [this, &lane] { expire(lane); });
}

void IntegrationTimeouts::expire(Lane& lane)
{
    const auto now = steady_clock::now();
    while (!lane.waiting.empty() && lane.waiting.front().deadline_ <= now) {
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
