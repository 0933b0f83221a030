#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

/// When a call is worth repeating: pure judgements, and the time to wait before it.
namespace nimbus::aws {

/// What became of one attempt that did not succeed.
struct Failure {
    int http_status = 0;         ///< 0: no complete answer came
    std::string_view error_code; ///< of the answer
    bool maybe_acted = true;     ///< without an answer: might AWS have got the request?
};

enum class Verdict { stop, retry };

/// Throttling and refusals before any work are retried always; server failures and lost answers
/// only if a repeat does no harm.
Verdict judge(const Failure& failure, bool idempotent);
bool is_throttling(const Failure& failure);
/// It may have been done all the same.
bool is_server_failure(int http_status);

struct RetryOptions {
    int max_attempts = 5; ///< the first one counted; AWS_MAX_ATTEMPTS
    std::chrono::milliseconds base_delay{100};
    std::chrono::milliseconds throttled_base_delay{500};
    std::chrono::milliseconds max_delay{20'000};
    /// All attempts and pauses of a call together.
    std::chrono::milliseconds total_time{120'000};
    /// … while AWS throttles it: such attempts are not counted, for a quota only takes its time.
    std::chrono::milliseconds throttled_time{600'000};
};

/// A number in [0, 1).
using RandomUnit = std::function<double()>;

/// Exponential backoff with full jitter: uniform in [0, min(max_delay, base · 2^(attempt − 1))).
/// `attempt`: how many have failed, at least 1. A Retry-After is the least that is waited.
std::chrono::milliseconds backoff(const RetryOptions& options, int attempt, bool throttled,
                                  std::optional<std::chrono::seconds> retry_after, double random);

} // namespace nimbus::aws
