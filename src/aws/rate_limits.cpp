#include "aws/rate_limits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

namespace nimbus::aws {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double decrease = 0.7;
constexpr double least_per_second = 0.5;
/// Of the quota, a second: back to it soon, beyond it carefully, for accounts that have more.
constexpr double increase_below_quota = 0.1;
constexpr double increase_above_quota = 0.001;
/// Calls are not evenly spaced any more when they arrive: that much of a burst is used.
constexpr double share_of_burst = 0.8;
/// Refusals within this time are one: they come from calls that were under way together.
constexpr seconds decrease_at_most_every{1};
/// Who waits sees within this time that the rate is another one.
constexpr milliseconds look_again_after{500};

struct Group {
    std::string_view service;   ///< Service::name
    std::string_view operation; ///< empty: the others of the service
    double per_second;
    double burst;
};

constexpr std::array groups{
    Group{"Lambda", "Invoke", 0, 0},
    Group{"Lambda", "GetFunction", 100, 100},
    Group{"Lambda", "GetPolicy", 15, 15},
    Group{"Lambda", "", 15, 15},
    Group{"API Gateway", "", 10, 40},
    // AWS counts each of these by itself. Together they leave room for others.
    Group{"CloudWatch Logs", "", 10, 10},
};

} // namespace

Rate::Rate(const Quota& quota)
    : quota_(quota), per_second_(quota.per_second), burst_(quota.burst * share_of_burst),
      allowed_(burst_)
{
}

Quota quota_of(const OperationInfo& operation)
{
    for (const auto& group : groups) {
        if (group.service != operation.service.name)
            continue;
        if (!group.operation.empty() && group.operation != operation.name)
            continue;
        auto name = std::string(group.service);
        if (!group.operation.empty())
            name += ' ' + std::string(group.operation);
        return {.group = name, .per_second = group.per_second, .burst = group.burst};
    }
    return {.group = std::string(operation.service.name), .per_second = 0, .burst = 0};
}

Rate::Ticket Rate::take(Time now)
{
    if (per_second_ == 0) {
        if (now - counted_ > seconds(1)) {
            counted_ = now;
            sent_ = 0;
        }
        ++sent_;
    } else {
        refill(now);
    }
    return ++issued_;
}

milliseconds Rate::wait(Ticket ticket, Time now)
{
    if (per_second_ == 0)
        return milliseconds(0);
    refill(now);
    const double missing = static_cast<double>(ticket) - allowed_;
    return milliseconds(
        static_cast<std::int64_t>(std::ceil(std::max(0.0, missing) / per_second_ * 1000)));
}

void Rate::throttled(Time now)
{
    if (decreased_ != Time{} && now - decreased_ < decrease_at_most_every)
        return;
    decreased_ = now;
    if (per_second_ == 0) {
        per_second_ = std::max(1, sent_);
        burst_ = 1;
        allowed_ = static_cast<double>(issued_);
        refilled_ = now;
    } else {
        refill(now);
    }
    per_second_ = std::max(least_per_second, per_second_ * decrease);
    burst_ = std::max(1.0, burst_ / 2);
    allowed_ = std::min(allowed_, static_cast<double>(issued_));
}

void Rate::refill(Time now)
{
    if (refilled_ == Time{})
        refilled_ = now;
    const double elapsed = std::max(0.0, duration<double>(now - refilled_).count());
    refilled_ = now;
    const double most = static_cast<double>(issued_) + burst_;
    const double limiting = std::min(elapsed, std::max(0.0, most - allowed_) / per_second_);
    allowed_ = std::min(most, allowed_ + elapsed * per_second_);
    const double quota = std::max(quota_.per_second, 1.0);
    if (per_second_ < quota_.per_second)
        per_second_ =
            std::min(quota_.per_second, per_second_ + elapsed * quota * increase_below_quota);
    else
        per_second_ += limiting * quota * increase_above_quota; // what is idle learns nothing
}

void RateLimits::wait(const OperationInfo& operation,
                      const std::function<void(milliseconds)>& sleep)
{
    std::optional<Rate::Ticket> ticket;
    for (;;) {
        milliseconds wait{0};
        {
            const MutexLock lock(mutex_);
            const auto now = std::chrono::steady_clock::now();
            auto& rate = rate_of(operation);
            if (!ticket)
                ticket = rate.take(now);
            wait = rate.wait(*ticket, now);
        }
        if (wait == milliseconds(0))
            return;
        sleep(std::min(wait, look_again_after));
    }
}

void RateLimits::throttled(const OperationInfo& operation)
{
    const MutexLock lock(mutex_);
    rate_of(operation).throttled(std::chrono::steady_clock::now());
}

Rate& RateLimits::rate_of(const OperationInfo& operation)
{
    const auto quota = quota_of(operation);
    return rates_.try_emplace(quota.group, quota).first->second;
}

} // namespace nimbus::aws
