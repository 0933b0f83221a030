#include "base/file.h"
#include "cli/cloud_log.h"
#include "local/log_file.h"

#include <gmock/gmock.h>

#include <fstream>

namespace nimbus::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CloudLogTest : public testing::Test {
protected:
    void append(const std::string& message, const std::string& level = "info")
    {
        std::ofstream(file_, std::ios::app) << "time=2026-01-01T00:00:00.000Z level=" << level
                                            << " component=gateway message=" << message << "\n";
    }
    /// As the cloud does when the file is full.
    void rotate()
    {
        const auto files = local::log_files(file_);
        for (std::size_t i = 0; i + 1 < files.size(); ++i)
            if (std::filesystem::exists(files[i + 1]))
                std::filesystem::rename(files[i + 1], files[i]);
    }
    static std::vector<std::string> messages(CloudLogReader& reader)
    {
        std::vector<std::string> messages;
        for (auto& line : reader.read())
            messages.push_back(std::move(line.message));
        return messages;
    }

    TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "cloud.log";
};

TEST_F(CloudLogTest, IsReadFromItsOldestFileOnWithoutARunningCloud)
{
    append("one");
    rotate();
    append("two");
    rotate();
    append("three");
    CloudLogReader reader(file_);
    EXPECT_THAT(messages(reader), ElementsAre("one", "two", "three"));
    EXPECT_THAT(messages(reader), IsEmpty());
}

TEST_F(CloudLogTest, IsFollowedThroughTheFilesThatItMovesTo)
{
    CloudLogReader reader(file_);
    EXPECT_THAT(messages(reader), IsEmpty()) << "there is none yet";
    append("one");
    EXPECT_THAT(messages(reader), ElementsAre("one"));
    append("two");
    rotate();
    append("three");
    EXPECT_THAT(messages(reader), ElementsAre("two", "three"));
    append("four");
    rotate();
    append("five");
    rotate();
    append("six");
    EXPECT_THAT(messages(reader), ElementsAre("four", "five", "six"));
}

TEST_F(CloudLogTest, WhatWasLostMeanwhileDoesNotStopIt)
{
    append("one");
    CloudLogReader reader(file_);
    EXPECT_THAT(messages(reader), ElementsAre("one"));
    for (const auto* message : {"two", "three", "four", "five"}) {
        rotate();
        append(message);
    }
    EXPECT_THAT(messages(reader), ElementsAre("three", "four", "five"));
}

TEST_F(CloudLogTest, IsFollowedFromItsEnd)
{
    append("before");
    CloudLogReader reader(file_, CloudLogReader::From::newest);
    EXPECT_THAT(messages(reader), IsEmpty());
    append("after");
    rotate();
    append("last");
    EXPECT_THAT(messages(reader), ElementsAre("after", "last"));
}

TEST_F(CloudLogTest, ALineIsReadWhenItIsComplete)
{
    CloudLogReader reader(file_);
    std::ofstream(file_) << "time=1 level=info component=c mess";
    EXPECT_THAT(messages(reader), IsEmpty());
    std::ofstream(file_, std::ios::app) << "age=whole\n";
    EXPECT_THAT(messages(reader), ElementsAre("whole"));
}

TEST_F(CloudLogTest, LinesOfAnotherFormatAreMessages)
{
    std::ofstream(file_) << "[2026-01-01 00:00:00.000] [cloud] [info] old\n";
    CloudLogReader reader(file_);
    EXPECT_THAT(messages(reader), ElementsAre("[2026-01-01 00:00:00.000] [cloud] [info] old"));
}

TEST(LogFilter, IsALevelAndAnId)
{
    const LogLine line{.time = "t",
                       .level = LogLevel::warning,
                       .component = "gateway",
                       .message = "m",
                       .fields = {{"request_id", "a="}, {"invocation_id", "b"}}};
    EXPECT_TRUE(LogFilter{}.lets_pass(line));
    EXPECT_TRUE((LogFilter{.level = LogLevel::warning, .id = "b"}.lets_pass(line)));
    EXPECT_FALSE(LogFilter{.level = LogLevel::error}.lets_pass(line));
    EXPECT_FALSE(LogFilter{.id = "c"}.lets_pass(line));
}

TEST(CloudLogText, IsForPeopleOrForPrograms)
{
    const LogLine line{.time = "2026-01-01T00:00:00.000Z",
                       .level = LogLevel::warning,
                       .component = "gateway",
                       .message = "The function \x1b[31mcrashed",
                       .fields = {{"request_id", "a="}, {"empty", ""}, {"reason", "it \x1b[2J"}}};
    EXPECT_EQ(to_text(line), "2026-01-01T00:00:00.000Z  warning  gateway      The function  "
                             "[31mcrashed  request_id=a= reason=\"it \\u001b[2J\"");
    EXPECT_EQ(to_json_text(line),
              R"({"time":"2026-01-01T00:00:00.000Z","level":"warning","component":"gateway",)"
              R"("message":"The function \u001b[31mcrashed","request_id":"a=","empty":"",)"
              R"("reason":"it \u001b[2J"})");
}

} // namespace
} // namespace nimbus::cli
