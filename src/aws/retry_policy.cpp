#include "aws/retry_policy.h"

#include "base/assert.h"
#include "base/backoff.h"

#include <algorithm>
#include <array>

namespace nimbus::aws {
namespace {

constexpr std::array<std::string_view, 11> throttling_codes{
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "SlowDown"};

/// Refused before anything was done, and not for long.
constexpr std::array<std::string_view, 7> passing_codes{
    "ConcurrentModification", // IAM
    "ConcurrentModificationException",
    "OperationAborted",          // S3: another operation on the bucket is in progress
    "OperationAbortedException", // CloudWatch Logs
    "PriorRequestNotComplete",
    "RequestTimeout", // S3: the request did not arrive completely
    "RequestTimeoutException"};

} // namespace

bool is_server_failure(int http_status)
{
    return http_status == 500 || http_status == 502 || http_status == 503 || http_status == 504;
}

bool is_throttling(const Failure& failure)
{
    return failure.http_status == 429 ||
           std::ranges::find(throttling_codes, failure.error_code) != throttling_codes.end();
}

Verdict judge(const Failure& failure, bool idempotent)
{
    const bool refused_for_now =
        is_throttling(failure) ||
        std::ranges::find(passing_codes, failure.error_code) != passing_codes.end();
    const bool never_arrived = failure.http_status == 0 && !failure.maybe_acted;
    if (refused_for_now || never_arrived)
        return Verdict::retry;
    const bool outcome_unknown = failure.http_status == 0 || is_server_failure(failure.http_status);
    return outcome_unknown && idempotent ? Verdict::retry : Verdict::stop;
}

std::chrono::milliseconds backoff(const RetryOptions& options, int attempt, bool throttled,
                                  std::optional<std::chrono::seconds> retry_after, double random)
{
    NIMBUS_ASSERT(attempt >= 1, "who waits has failed before");
    const Backoff backoff{.first = throttled ? options.throttled_base_delay : options.base_delay,
                          .longest = options.max_delay};
    return std::max<std::chrono::milliseconds>(backoff.jittered_pause(attempt, random),
                                               retry_after.value_or(std::chrono::seconds{0}));
}

} // namespace nimbus::aws
