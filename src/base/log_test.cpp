#include "base/log.h"

#include <gmock/gmock.h>

namespace nimbus {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::Pair;

SystemTime noon()
{
    return *parse_iso8601("2026-11-29T12:00:00.123Z");
}

class LogTest : public testing::Test {
protected:
    Log log_of(LogLevel level)
    {
        return {level, [this](LogLevel, const std::string& line) { lines_.push_back(line); }, noon};
    }

    std::vector<std::string> lines_;
};

TEST_F(LogTest, ALineHasTimeLevelComponentMessageAndFields)
{
    log_of(LogLevel::info)
        .of("gateway")
        .warning("The function crashed", {{"request_id", "b1eTFgYfIAMEcKg="}, {"status", 503}});
    EXPECT_THAT(lines_, ElementsAre("time=2026-11-29T12:00:00.123Z level=warning component=gateway "
                                    "message=\"The function crashed\" request_id=b1eTFgYfIAMEcKg= "
                                    "status=503"));
}

TEST_F(LogTest, LinesBeyondItsLevelAreLeftOut)
{
    const auto log = log_of(LogLevel::warning);
    log.debug("d");
    log.info("i");
    EXPECT_THAT(lines_, IsEmpty());
    EXPECT_FALSE(log.has(LogLevel::info));
    log.warning("w");
    log.error("e");
    EXPECT_EQ(lines_.size(), 2U);
}

TEST_F(LogTest, ALogOfNobodyIsSilent)
{
    const Log log;
    EXPECT_FALSE(log.has(LogLevel::error));
    log.with({{"a", 1}}).of("b").error("nobody reads this");
}

TEST_F(LogTest, WhatLinesHaveInCommonIsSaidOnce)
{
    const auto session = log_of(LogLevel::info).of("dsql").with({{"connection_id", "4f1c"}});
    session.info("one", {{"a", 1}});
    session.with({{"user", "admin"}}).info("two");
    EXPECT_THAT(lines_, ElementsAre(EndsWith("message=one connection_id=4f1c a=1"),
                                    EndsWith("message=two connection_id=4f1c user=admin")));
}

TEST_F(LogTest, NoValueCanLeaveItsLineOrItsQuotes)
{
    log_of(LogLevel::info).info("m", {{"value", "two\nlines \"quoted\" \\ \x1b[31m ü"}});
    EXPECT_THAT(lines_, ElementsAre(EndsWith(R"(value="two\nlines \"quoted\" \\ \u001b[31m ü")")));
}

TEST_F(LogTest, ALongValueIsCut)
{
    log_of(LogLevel::info).info("m", {{"value", std::string(100'000, 'x')}});
    EXPECT_LT(lines_.front().size(), 2'200U);
    EXPECT_THAT(lines_.front(), EndsWith("x…\""));
}

TEST_F(LogTest, WhatWasWrittenIsReadBack)
{
    const std::string hard = "a=b \"c\" \\\n\tü=\x01";
    log_of(LogLevel::debug).of("dsql").debug(hard, {{"empty", ""}, {"hard", hard}, {"n", -3}});
    const auto line = parse_log_line(lines_.front());
    ASSERT_TRUE(line);
    EXPECT_EQ(line->time, "2026-11-29T12:00:00.123Z");
    EXPECT_EQ(line->level, LogLevel::debug);
    EXPECT_EQ(line->component, "dsql");
    EXPECT_EQ(line->message, hard);
    EXPECT_THAT(line->fields, ElementsAre(Pair("hard", hard), Pair("n", "-3")))
        << "what has no value is left out";
}

TEST(LogLine, OtherLinesAreNotOfThisFormat)
{
    for (const auto* line :
         {"", "PostgreSQL says something", "[2026-11-29 12:00:00.123] [cloud] [info] old",
          "time=1 level=info component=c", "time=1 level=loud component=c message=m",
          "level=info time=1 component=c message=m", "time=1 level=info component=c message=\"m",
          "time=1 level=info component=c message=\"m\"x", "=a", "time=1  level=info"})
        EXPECT_FALSE(parse_log_line(line)) << line;
}

TEST(LogLevel, IsKnownByItsName)
{
    for (const auto name : log_level_names)
        EXPECT_EQ(name_of(*parse_log_level(name)), name);
    EXPECT_FALSE(parse_log_level("verbose"));
    EXPECT_FALSE(parse_log_level("Error"));
}

} // namespace
} // namespace nimbus
