#include "local/dsql/isolation_history.h"

#include <gmock/gmock.h>

namespace nimbus::local::dsql::isolation {
namespace {

using testing::HasSubstr;

Time at(int second)
{
    return Time{} + std::chrono::seconds{second};
}

/// A transaction from one second to another.
Transaction transaction(int from, int to, std::vector<Reading> readings,
                        std::vector<Append> appends, Ending ending = Ending::committed)
{
    return {.began = at(from),
            .started = at(from),
            .ends = at(to),
            .ended = at(to),
            .ending = ending,
            .readings = std::move(readings),
            .appends = std::move(appends)};
}

TEST(IsolationHistory, OneAfterTheOtherIsFine)
{
    EXPECT_EQ(
        violation({transaction(1, 2, {{0, {}}}, {{0, 1}}), transaction(3, 4, {{0, {1}}}, {{0, 2}}),
                   transaction(5, 6, {{0, {1, 2}}}, {}, Ending::rolled_back)},
                  {{1, 2}}),
        std::nullopt);
}

TEST(IsolationHistory, ASnapshotIsOlderThanItsEnd)
{
    EXPECT_EQ(violation({transaction(1, 2, {}, {{0, 1}}), transaction(0, 9, {{0, {}}}, {{1, 2}})},
                        {{1}, {2}}),
              std::nullopt);
    // Write skew is allowed.
    EXPECT_EQ(violation({transaction(1, 5, {{0, {}}, {1, {}}}, {{0, 1}}),
                         transaction(2, 6, {{0, {}}, {1, {}}}, {{1, 2}})},
                        {{1}, {2}}),
              std::nullopt);
}

TEST(IsolationHistory, ALostUpdateIsFound)
{
    EXPECT_THAT(
        *violation({transaction(1, 5, {{0, {}}}, {{0, 1}}), transaction(2, 6, {{0, {}}}, {{0, 2}})},
                   {{2}}),
        HasSubstr("write 1 of transaction 0 is there 0 times"));
    EXPECT_THAT(
        *violation({transaction(1, 5, {{0, {}}}, {{0, 1}}), transaction(2, 6, {{0, {}}}, {{0, 2}})},
                   {{1, 2}}),
        HasSubstr("1 was written before 2"));
}

TEST(IsolationHistory, WhatWasNotCommittedIsNotThere)
{
    EXPECT_TRUE(violation({transaction(1, 2, {}, {{0, 1}}, Ending::refused)}, {{1}}));
    EXPECT_TRUE(violation(
        {transaction(1, 4, {}, {{0, 1}}, Ending::rolled_back), transaction(2, 3, {{0, {1}}}, {})},
        {{}}));
}

TEST(IsolationHistory, AReadingOfTwoMomentsIsFound)
{
    const auto writer = transaction(1, 2, {}, {{0, 1}, {1, 2}});
    EXPECT_TRUE(violation({writer, transaction(0, 3, {{0, {1}}, {1, {}}}, {})}, {{1}, {2}}));
    EXPECT_FALSE(violation({writer, transaction(2, 3, {{0, {1}}, {1, {2}}}, {})}, {{1}, {2}}));
    // It was there when the transaction began …
    EXPECT_TRUE(violation({writer, transaction(3, 4, {{0, {}}}, {})}, {{1}, {2}}));
    // … and was not.
    EXPECT_TRUE(violation({writer, transaction(0, 4, {{0, {1}}}, {})}, {{1}, {2}}));
}

TEST(IsolationHistory, OnesOwnWritesAreSeen)
{
    EXPECT_FALSE(
        violation({transaction(1, 2, {{0, {1}}, {0, {1, 2}}}, {{0, 1}, {0, 2}})}, {{1, 2}}));
    EXPECT_TRUE(violation({transaction(1, 2, {{0, {2}}}, {{0, 1}, {0, 2}})}, {{1, 2}}));
}

} // namespace
} // namespace nimbus::local::dsql::isolation
