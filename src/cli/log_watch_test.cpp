#include "base/file.h"
#include "cli/log_watch.h"

#include <gmock/gmock.h>

#include <fstream>

namespace nimbus::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LogWatchTest : public testing::Test {
protected:
    void append(const std::string& message, const std::string& level = "warning")
    {
        std::ofstream(file_, std::ios::app) << "time=2026-01-01T00:00:00.000Z level=" << level
                                            << " component=dsql message=" << message << "\n";
    }

    TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "cloud.log";
};

TEST_F(LogWatchTest, TellsWhatCameSinceItBegan)
{
    append("before");
    LogWatch watch(file_);
    EXPECT_THAT(watch.lines(), IsEmpty());
    append("first");
    append("second");
    EXPECT_THAT(watch.lines(), ElementsAre("first", "second"));
}

TEST_F(LogWatchTest, ALogThatIsNotThereYetIsEmpty)
{
    LogWatch watch(file_);
    EXPECT_THAT(watch.lines(), IsEmpty());
    append("first");
    EXPECT_THAT(watch.lines(), ElementsAre("first"));
}

TEST_F(LogWatchTest, ALogThatWasBegunAnewIsReadFromItsStart)
{
    append("\"a long line of the time before\"");
    LogWatch watch(file_);
    std::filesystem::rename(file_, directory_.path() / "cloud.1.log");
    append("new");
    EXPECT_THAT(watch.lines(), ElementsAre("new"));
}

TEST_F(LogWatchTest, WhatGoesWellIsNotTold)
{
    LogWatch watch(file_);
    append("started", "info");
    append("\"A client was refused\" user=admin sqlstate=08006 reason=\"access denied\" "
           "hint=\"The token is expired\"");
    EXPECT_THAT(watch.lines(),
                ElementsAre("A client was refused: access denied: The token is expired"));
}

TEST_F(LogWatchTest, TheLastFiveAreEnough)
{
    LogWatch watch(file_);
    for (const auto* message : {"1", "2", "3", "4", "5", "6", "7"})
        append(message);
    EXPECT_THAT(watch.lines(), ElementsAre("3", "4", "5", "6", "7"));
}

} // namespace
} // namespace nimbus::cli
