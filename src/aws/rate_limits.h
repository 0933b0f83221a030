#pragma once

#include "aws/operation.h"
#include "base/mutex.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

/// How often AWS may be called: a rate for each group of operations that share a quota, learned
/// from throttling as by the adaptive retry mode of AWS's SDKs (additive increase, multiplicative
/// decrease). It starts at the quota that AWS documents.
namespace nimbus::aws {

struct Quota {
    std::string group; ///< "Lambda GetFunction", or the service alone
    double per_second; ///< 0: AWS documents none
    double burst;      ///< how many at once
};

/// The quota that a call counts against. Sources: AWS Lambda's "Quotas" (API requests), API
/// Gateway's "Quotas for managing", CloudWatch Logs' "Quotas".
Quota quota_of(const OperationInfo& operation);

/// The rate of one group: a bucket of tokens. Not thread-safe.
class Rate {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Rate(const Quota& quota);

    /// A place in the queue of those who want to call.
    using Ticket = std::int64_t;

    Ticket take(Time now);
    /// How long until that call may be sent, as the rate is now; 0: it is its turn.
    std::chrono::milliseconds wait(Ticket ticket, Time now);
    /// AWS refused a call that was sent at about `now`.
    void throttled(Time now);
    /// 0: as often as one likes.
    double per_second() const noexcept { return per_second_; }

private:
    void refill(Time now);

    Quota quota_;
    double per_second_;
    double burst_;
    Ticket issued_ = 0; ///< the last one
    double allowed_;    ///< tickets up to this one may be used
    Time refilled_{};
    Time decreased_{};
    int sent_ = 0; ///< since `counted_`: what the rate is, while nothing limits it
    Time counted_{};
};

/// Shared by all threads and copies of a client.
class RateLimits {
public:
    /// Calls `sleep` until a call may be sent. The rate may change meanwhile, for all who wait.
    void wait(const OperationInfo& operation,
              const std::function<void(std::chrono::milliseconds)>& sleep);
    void throttled(const OperationInfo& operation);

private:
    Rate& rate_of(const OperationInfo& operation) NIMBUS_REQUIRES(mutex_);

    Mutex mutex_;
    std::map<std::string, Rate> rates_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::aws
