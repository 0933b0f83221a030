#pragma once

#include "aws/operation.h"
#include "base/mutex.h"

#include <chrono>
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

    /// Takes a token; returns how long to wait before the call is sent.
    std::chrono::milliseconds take(Time now);
    /// AWS refused a call that was sent at about `now`.
    void throttled(Time now);
    /// 0: as often as one likes.
    double per_second() const noexcept { return per_second_; }

private:
    void refill(Time now);

    Quota quota_;
    double per_second_;
    double burst_;
    double tokens_; ///< below 0: so many wait
    Time refilled_{};
    Time decreased_{};
    int sent_ = 0; ///< since `counted_`: what the rate is, while nothing limits it
    Time counted_{};
};

/// Shared by all threads and copies of a client.
class RateLimits {
public:
    std::chrono::milliseconds take(const OperationInfo& operation);
    void throttled(const OperationInfo& operation);

private:
    Rate& rate_of(const OperationInfo& operation) NIMBUS_REQUIRES(mutex_);

    Mutex mutex_;
    std::map<std::string, Rate> rates_ NIMBUS_GUARDED_BY(mutex_);
};

} // namespace nimbus::aws
