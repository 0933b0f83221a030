#include "aws/retry_policy.h"

#include <gtest/gtest.h>

#include <ostream>

namespace nimbus::aws {

void PrintTo(Verdict verdict, std::ostream* out)
{
    *out << (verdict == Verdict::retry ? "retry" : "stop");
}

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Judge, DecidesByCodeStatusAndHarm)
{
    struct Row {
        const char* what;
        Failure failure;
        Verdict idempotent;
        Verdict not_idempotent;
    };
    const auto retry = Verdict::retry;
    const auto stop = Verdict::stop;
    const Row rows[] = {
        {"Lambda throttles", {429, "TooManyRequestsException"}, retry, retry},
        {"IAM throttles", {400, "Throttling"}, retry, retry},
        {"DSQL throttles", {429, "ThrottlingException"}, retry, retry},
        {"S3 throttles", {503, "SlowDown"}, retry, retry},
        {"IAM is busy with the entity", {409, "ConcurrentModification"}, retry, retry},
        {"the log group is being changed", {400, "OperationAbortedException"}, retry, retry},
        {"S3 did not get all of the request", {400, "RequestTimeout"}, retry, retry},
        {"the server failed", {500, "InternalServerException"}, retry, stop},
        {"a gateway failed", {502, "BadGateway"}, retry, stop},
        {"the service is unavailable", {503, "ServiceUnavailable"}, retry, stop},
        {"a gateway waited too long", {504, "GatewayTimeout"}, retry, stop},
        {"not implemented", {501, "NotImplemented"}, stop, stop},
        {"the answer was lost", {0, "", true}, retry, stop},
        {"no connection", {0, "", false}, retry, retry},
        {"a quota of IAM", {409, "LimitExceeded"}, stop, stop},
        {"wrong input", {400, "ValidationException"}, stop, stop},
        {"no permission", {403, "AccessDeniedException"}, stop, stop},
        {"not there", {404, "ResourceNotFoundException"}, stop, stop},
        {"taken", {409, "ResourceConflictException"}, stop, stop},
        {"a condition did not hold", {412, "PreconditionFailed"}, stop, stop},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(judge(row.failure, true), row.idempotent) << row.what;
        EXPECT_EQ(judge(row.failure, false), row.not_idempotent) << row.what;
    }
}

TEST(Backoff, DoublesItsLimitUpToTheLargest)
{
    const RetryOptions options{.base_delay = milliseconds(100), .max_delay = milliseconds(1'000)};
    const double nearly_one = 0.9999;
    EXPECT_EQ(backoff(options, 1, false, {}, nearly_one), milliseconds(99));
    EXPECT_EQ(backoff(options, 2, false, {}, nearly_one), milliseconds(199));
    EXPECT_EQ(backoff(options, 3, false, {}, nearly_one), milliseconds(399));
    EXPECT_EQ(backoff(options, 5, false, {}, nearly_one), milliseconds(999));
    EXPECT_EQ(backoff(options, 5'000, false, {}, nearly_one), milliseconds(999));
}

TEST(Backoff, IsSpreadOverTheWholeRange)
{
    const RetryOptions options{.base_delay = milliseconds(100)};
    EXPECT_EQ(backoff(options, 1, false, {}, 0.0), milliseconds(0));
    EXPECT_EQ(backoff(options, 1, false, {}, 0.5), milliseconds(50));
}

TEST(Backoff, WaitsLongerWhenThrottled)
{
    const RetryOptions options{.throttled_base_delay = milliseconds(500)};
    EXPECT_EQ(backoff(options, 1, true, {}, 0.5), milliseconds(250));
}

TEST(Backoff, WaitsAtLeastAsLongAsToldTo)
{
    const RetryOptions options{.base_delay = milliseconds(100)};
    EXPECT_EQ(backoff(options, 1, true, seconds(3), 0.0), milliseconds(3'000));
    EXPECT_EQ(backoff(options, 9, false, seconds(1), 0.5), milliseconds(10'000));
}

} // namespace
} // namespace nimbus::aws
