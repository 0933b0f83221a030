#include "aws/ops/apigatewayv2/apis.h"
#include "aws/ops/iam/roles.h"
#include "aws/ops/lambda/functions.h"
#include "aws/ops/lambda/permissions.h"
#include "aws/ops/logs/log_groups.h"
#include "aws/rate_limits.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Rate::Time start = Rate::Time{} + std::chrono::hours(1);
const Quota ten_a_second{.group = "x", .per_second = 10, .burst = 5};
const Quota unknown{.group = "x", .per_second = 0, .burst = 0};

/// How long one more has to wait.
milliseconds wait_of_next(Rate& rate, Rate::Time now)
{
    return rate.wait(rate.take(now), now);
}

TEST(QuotaOf, GroupsOperationsAsAwsCountsThem)
{
    EXPECT_EQ(quota_of(lambda::GetFunction::info).per_second, 100);
    EXPECT_EQ(quota_of(lambda::GetPolicy::info).per_second, 15);
    EXPECT_EQ(quota_of(lambda::CreateFunction::info).group,
              quota_of(lambda::AddPermission::info).group);
    EXPECT_NE(quota_of(lambda::CreateFunction::info).group,
              quota_of(lambda::GetPolicy::info).group);
    EXPECT_EQ(quota_of(apigatewayv2::CreateApi::info).burst, 40);
    EXPECT_EQ(quota_of(logs::CreateLogGroup::info).per_second, 10);
    EXPECT_EQ(quota_of(iam::CreateRole::info).per_second, 0);
}

TEST(Rate, LetsFourFifthsOfABurstThroughAndThenTheQuota)
{
    Rate rate(ten_a_second);
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(wait_of_next(rate, start), milliseconds(0));
    EXPECT_EQ(wait_of_next(rate, start), milliseconds(100));
    EXPECT_EQ(wait_of_next(rate, start), milliseconds(200));
    EXPECT_EQ(wait_of_next(rate, start + seconds(10)), milliseconds(0));
}

TEST(Rate, DecreasesWhenItIsThrottledAndComesBack)
{
    Rate rate(ten_a_second);
    rate.take(start);
    rate.throttled(start);
    EXPECT_DOUBLE_EQ(rate.per_second(), 7);
    EXPECT_GT(wait_of_next(rate, start), milliseconds(0));
    rate.take(start + seconds(2));
    EXPECT_DOUBLE_EQ(rate.per_second(), 9);
    rate.take(start + seconds(60));
    EXPECT_DOUBLE_EQ(rate.per_second(), 10) << "and no further by waiting";
}

TEST(Rate, IsAnotherOneForThoseWhoWaitAlready)
{
    Rate rate(ten_a_second);
    for (int i = 0; i < 4; ++i)
        rate.take(start);
    const auto ticket = rate.take(start);
    EXPECT_EQ(rate.wait(ticket, start), milliseconds(100));
    rate.throttled(start);
    EXPECT_EQ(rate.wait(ticket, start), milliseconds(143));
    EXPECT_EQ(rate.wait(ticket, start + milliseconds(143)), milliseconds(0));
}

TEST(Rate, TakesRefusalsOfCallsThatWereUnderWayTogetherForOne)
{
    Rate rate(ten_a_second);
    for (int i = 0; i < 8; ++i)
        rate.throttled(start + milliseconds(i));
    EXPECT_DOUBLE_EQ(rate.per_second(), 7);
    rate.throttled(start + seconds(2));
    EXPECT_LT(rate.per_second(), 7);
}

TEST(Rate, GoesBeyondTheQuotaSlowlyForAccountsThatHaveMore)
{
    Rate rate(ten_a_second);
    for (int i = 0; i < 104; ++i)
        rate.take(start);
    rate.take(start + seconds(10));
    EXPECT_NEAR(rate.per_second(), 10.1, 0.01);
    rate.take(start + seconds(60));
    EXPECT_NEAR(rate.per_second(), 10.1, 0.01) << "only while it limits anything";
}

TEST(Rate, WithoutAQuotaIsLearnedFromTheFirstRefusal)
{
    Rate rate(unknown);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(wait_of_next(rate, start + milliseconds(i)), milliseconds(0));
    rate.throttled(start + milliseconds(500));
    EXPECT_DOUBLE_EQ(rate.per_second(), 14);
    EXPECT_GT(wait_of_next(rate, start + milliseconds(500)), milliseconds(0));
}

TEST(Rate, NeverStops)
{
    Rate rate(ten_a_second);
    for (int i = 0; i < 100; ++i)
        rate.throttled(start + seconds(2 * i));
    EXPECT_GE(rate.per_second(), 0.5);
}

} // namespace
} // namespace nimbus::aws
