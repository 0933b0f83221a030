#include "local/dsql/buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace nimbus::local::dsql {
namespace {

void fill(Buffer& buffer, std::string_view bytes)
{
    std::ranges::copy(bytes, buffer.room(bytes.size()).begin());
    buffer.filled(bytes.size());
}

TEST(DsqlBuffer, HasWhatCameUntilItIsTaken)
{
    Buffer buffer;
    fill(buffer, "SELECT");
    fill(buffer, " 1");
    EXPECT_EQ(buffer.view(), "SELECT 1");
    buffer.take(7);
    fill(buffer, std::string(1000, '0'));
    EXPECT_EQ(buffer.view(), "1" + std::string(1000, '0'));
}

TEST(DsqlBuffer, GivesItsMemoryBackWhenItIsEmpty)
{
    Buffer buffer;
    fill(buffer, "half a message");
    buffer.give_back();
    EXPECT_EQ(buffer.view(), "half a message");
    buffer.take(buffer.size());
    EXPECT_GT(buffer.capacity(), 0U) << "the next message comes soon";
    buffer.give_back();
    EXPECT_EQ(buffer.capacity(), 0U);
    fill(buffer, "another");
    EXPECT_EQ(buffer.view(), "another");
}

} // namespace
} // namespace nimbus::local::dsql
