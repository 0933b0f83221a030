#include "deploy/polls.h"

#include <gtest/gtest.h>

namespace nimbus::deploy {
namespace {

using std::chrono::milliseconds;

constexpr Polls::Time never{0};
constexpr Polls::Time now{0};

TEST(Polls, BeginAtTheUsualTime)
{
    Polls polls(milliseconds(900));
    EXPECT_EQ(polls.pause(milliseconds(800), never), milliseconds(100));
    EXPECT_EQ(polls.pause(milliseconds(900), never), now);
}

TEST(Polls, LookOnceForAllWhileNobodyKnowsHowLongItTakes)
{
    Polls polls(milliseconds(900));
    EXPECT_EQ(polls.pause(milliseconds(900), never), now);
    EXPECT_GT(polls.pause(milliseconds(900), never), now) << "another one has just looked";
    EXPECT_GT(polls.pause(milliseconds(1'199), milliseconds(900)), now);
    EXPECT_EQ(polls.pause(milliseconds(1'200), never), now) << "a third later, whoever it is";
    EXPECT_GT(polls.pause(milliseconds(1'200), milliseconds(900)), now);
}

TEST(Polls, OfTheOthersAreMadeWhenOneWasSeenDone)
{
    Polls polls(milliseconds(900));
    EXPECT_EQ(polls.pause(milliseconds(900), never), now);
    EXPECT_EQ(polls.pause(milliseconds(1'200), milliseconds(900)), now);
    polls.saw_done(milliseconds(1'200));
    for (int other = 0; other < 3; ++other) {
        EXPECT_GT(polls.pause(milliseconds(1'199), never), now);
        EXPECT_EQ(polls.pause(milliseconds(1'200), never), now);
        polls.saw_done(milliseconds(1'200));
    }
}

TEST(Polls, GoOnForOneThatTakesLongerAndTheNextWaitLonger)
{
    Polls polls(milliseconds(900));
    EXPECT_EQ(polls.pause(milliseconds(900), never), now);
    polls.saw_done(milliseconds(900));
    EXPECT_EQ(polls.pause(milliseconds(900), never), now);
    EXPECT_GT(polls.pause(milliseconds(1'199), milliseconds(900)), now);
    EXPECT_EQ(polls.pause(milliseconds(1'200), milliseconds(900)), now);
    polls.saw_done(milliseconds(1'200));
    EXPECT_GT(polls.pause(milliseconds(1'049), never), now);
    EXPECT_EQ(polls.pause(milliseconds(1'050), never), now);
}

TEST(Polls, AreMadeEveryTwoSecondsAtLeast)
{
    Polls polls(milliseconds(900));
    EXPECT_EQ(polls.pause(milliseconds(60'000), never), now);
    EXPECT_EQ(polls.pause(milliseconds(62'000), milliseconds(60'000)), now);
}

} // namespace
} // namespace nimbus::deploy
