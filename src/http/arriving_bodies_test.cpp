#include "http/arriving_bodies.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace nimbus::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::size_t megabyte = 1024 * 1024;

/// Ten megabytes in all; slow is who sends less than one a second.
class ArrivingBodiesTest : public testing::Test {
protected:
    ArrivingBodies::Place begin(const std::string& name)
    {
        return bodies_.begin(now_, [this, name] { left_.push_back(name); });
    }
    void grow(ArrivingBodies::Place body, std::size_t bytes) { bodies_.grow(body, bytes, now_); }

    ArrivingBodies bodies_{{.most_bytes = 10 * megabyte, .slow = megabyte}};
    ArrivingBodies::Time now_;
    std::vector<std::string> left_;
};

TEST_F(ArrivingBodiesTest, TheOldestOfTheSlowOnesMakesWay)
{
    const auto fast = begin("fast");
    grow(fast, 4 * megabyte);
    const auto first = begin("first");
    const auto second = begin("second");
    now_ += 3s;
    grow(first, 2 * megabyte);
    grow(second, 2 * megabyte);
    const auto last = begin("last");
    grow(last, 2 * megabyte);
    EXPECT_THAT(left_, IsEmpty());
    grow(last, 1);
    EXPECT_THAT(left_, ElementsAre("first"));
    grow(last, 3 * megabyte);
    EXPECT_THAT(left_, ElementsAre("first", "second"));
}

TEST_F(ArrivingBodiesTest, TheYoungestMakesWayWhereAllAreFast)
{
    const auto first = begin("first");
    const auto second = begin("second");
    const auto third = begin("third");
    now_ += 1s;
    grow(first, 5 * megabyte);
    grow(second, 5 * megabyte);
    grow(third, 1);
    EXPECT_THAT(left_, ElementsAre("second")) << "the third holds next to nothing";
    grow(first, 5 * megabyte);
    EXPECT_THAT(left_, ElementsAre("second", "first")) << "alone it is too much, too";
}

TEST_F(ArrivingBodiesTest, WhatHasArrivedHoldsNothing)
{
    for (int i = 0; i < 5; ++i) {
        const auto body = begin("body");
        grow(body, 9 * megabyte);
        bodies_.end(body);
    }
    EXPECT_THAT(left_, IsEmpty());
}

TEST_F(ArrivingBodiesTest, ManySmallOnesAreBoundedToo)
{
    for (int i = 0; i < 1000; ++i)
        grow(begin("small"), 16 * 1024);
    EXPECT_EQ(left_.size(), 1000U - 640U);
}

} // namespace
} // namespace nimbus::http
