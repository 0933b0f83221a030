#include "base/assert.h"
#include "base/file.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string_view>

namespace nimbus {
namespace {

TEST(Assert, LetsPassWhatHolds)
{
    int evaluated = 0;
    NIMBUS_ASSERT(++evaluated == 1, "it is evaluated once");
    EXPECT_EQ(evaluated, 1);
}

TEST(AssertDeathTest, EndsTheProcessWithALineThatSaysWhatAndWhere)
{
    const int calls = 2;
    EXPECT_EXIT(NIMBUS_ASSERT(calls == 1, "the owner is told once"),
                testing::KilledBySignal(SIGABRT),
                "time=....-..-..T..:..:..\\....Z level=error component=assertion "
                "message=\"the owner is told once\" condition=\"calls == 1\" "
                "place=src/base/assert_test.cpp:[0-9]+\n$");
}

TEST(AssertDeathTest, QuotesInTheConditionAreEscaped)
{
    const std::string_view name = "b";
    EXPECT_DEATH(NIMBUS_ASSERT(name == "a", "it is a"), R"(condition="name == \\"a\\"")");
}

TEST(AssertDeathTest, TheLineGoesToTheFileThatHasTheLogsNameByThen)
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "cloud.log";
    write_file(file, "before\n");
    EXPECT_DEATH(
        {
            const AssertionLog log(file);
            std::filesystem::rename(file, directory.path() / "cloud.1.log"); // it was rotated
            NIMBUS_ASSERT(2 + 2 == 5, "sums are right");
        },
        "sums are right");
    EXPECT_EQ(read_file(directory.path() / "cloud.1.log"), "before\n");
    EXPECT_NE(read_file(file).find("message=\"sums are right\""), std::string::npos);
}

TEST(AssertDeathTest, AnAssertionLogThatIsGoneIsNotWrittenTo)
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "cloud.log";
    EXPECT_DEATH(
        {
            {
                const AssertionLog log(file);
            }
            NIMBUS_ASSERT(2 + 2 == 5, "sums are right");
        },
        "sums are right");
    EXPECT_FALSE(std::filesystem::exists(file));
}

} // namespace
} // namespace nimbus
