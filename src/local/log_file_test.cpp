#include "base/file.h"
#include "local/log_file.h"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace nimbus::local {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LogFileTest : public testing::Test {
protected:
    TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "cloud.log";
};

TEST_F(LogFileTest, ALineIsInTheFileAsSoonAsItIsWritten)
{
    const auto log = open_log_file(file_, LogLevel::debug);
    log.debug("first");
    EXPECT_THAT(read_file(file_), HasSubstr(" level=debug component=cloud message=first\n"));
}

TEST_F(LogFileTest, IsContinuedByTheNextCloud)
{
    open_log_file(file_, LogLevel::info).info("one");
    open_log_file(file_, LogLevel::info).info("two");
    EXPECT_THAT(read_file(file_), testing::MatchesRegex("time=[^\n]*one\ntime=[^\n]*two\n"));
}

TEST_F(LogFileTest, GrowsIntoOldFilesWhichAreFew)
{
    const auto log = open_log_file(file_, LogLevel::info);
    const std::string text(1'900, 'x');
    for (int i = 0; i < 15'000; ++i)
        log.info(text);
    const auto files = log_files(file_);
    EXPECT_THAT(files, ElementsAre(directory_.path() / "cloud.2.log",
                                   directory_.path() / "cloud.1.log", file_));
    std::uintmax_t bytes = 0;
    for (const auto& each : std::filesystem::directory_iterator(directory_.path()))
        bytes += each.file_size();
    EXPECT_LE(bytes, 3U * 5 * 1024 * 1024);
    for (const auto& each : files)
        EXPECT_TRUE(std::filesystem::exists(each)) << each;
}

TEST_F(LogFileTest, AFileThatCannotBeWrittenIsNamed)
{
    EXPECT_THROW(open_log_file("/proc/none/cloud.log", LogLevel::info), std::exception);
}

} // namespace
} // namespace nimbus::local
