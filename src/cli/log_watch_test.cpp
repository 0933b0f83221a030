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
    void append(const std::string& message)
    {
        std::ofstream(file_, std::ios::app)
            << "[2026-01-01 00:00:00.000] [info] " << message << "\n";
    }

    TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "cloud.log";
};

TEST_F(LogWatchTest, TellsWhatCameSinceItBegan)
{
    append("before");
    const LogWatch watch(file_);
    EXPECT_THAT(watch.lines(), IsEmpty());
    append("first");
    append("second");
    EXPECT_THAT(watch.lines(), ElementsAre("first", "second"));
}

TEST_F(LogWatchTest, ALogThatIsNotThereYetIsEmpty)
{
    const LogWatch watch(file_);
    EXPECT_THAT(watch.lines(), IsEmpty());
    append("first");
    EXPECT_THAT(watch.lines(), ElementsAre("first"));
}

TEST_F(LogWatchTest, ALogThatWasRotatedIsReadFromItsStart)
{
    append("a long line of the time before");
    const LogWatch watch(file_);
    std::filesystem::remove(file_);
    append("new");
    EXPECT_THAT(watch.lines(), ElementsAre("new"));
}

TEST_F(LogWatchTest, TheLastFiveAreEnough)
{
    const LogWatch watch(file_);
    for (const auto* message : {"1", "2", "3", "4", "5", "6", "7"})
        append(message);
    EXPECT_THAT(watch.lines(), ElementsAre("3", "4", "5", "6", "7"));
}

} // namespace
} // namespace nimbus::cli
