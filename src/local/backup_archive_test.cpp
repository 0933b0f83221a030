#include "base/error.h"
#include "base/file.h"
#include "local/backup_archive.h"
#include "process/interruptible_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BackupArchiveTest : public testing::Test {
protected:
    BackupArchiveTest()
    {
        make_directories(source_);
        make_directories(target_);
        write_file(source_ / "first", "1");
        write_file(source_ / "second", "2");
    }

    std::string failure_of_unpacking(const fs::path& file)
    {
        try {
            unpack_archive(file, target_, {});
            return "none";
        } catch (const Error& error) {
            return sentences_of(error);
        }
    }

    std::vector<std::string> names() const
    {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(directory_.path()))
            found.push_back(entry.path().filename().string());
        return found;
    }

    TemporaryDirectory directory_;
    fs::path source_ = directory_.path() / "source";
    fs::path target_ = directory_.path() / "target";
    fs::path file_ = directory_.path() / "archive";
};

TEST_F(BackupArchiveTest, IsWhatWentIntoIt)
{
    NewArchive(file_).write(source_, "first", {});
    EXPECT_EQ(static_cast<unsigned>(fs::status(file_).permissions()), 0600U);
    unpack_archive(file_, target_, {});
    EXPECT_EQ(read_file(target_ / "first"), "1");
    EXPECT_EQ(read_file(target_ / "second"), "2");
    EXPECT_THROW(NewArchive{file_}, UsageError) << "it is there already";
}

TEST_F(BackupArchiveTest, LeavesNothingWhenItIsInterrupted)
{
    const UniqueFd interrupt(::eventfd(1, EFD_CLOEXEC));
    NewArchive archive(file_);
    EXPECT_THROW(archive.write(source_, "first", {.asked = [] { return true; }}),
                 process::Interrupted);
    EXPECT_THROW(archive.write(source_, "first", {.asked = {}, .descriptor = interrupt.get()}),
                 process::Interrupted);
    EXPECT_THAT(names(), testing::UnorderedElementsAre("source", "target"));
}

TEST_F(BackupArchiveTest, RemovesWhatOneOfItsNameLeft)
{
    write_file(directory_.path() / "archive.partial-abandone", "x");
    write_file(directory_.path() / "archive.partial-writtenn", "x");
    write_file(directory_.path() / "other.partial-abandone", "x");
    const UniqueFd writer(
        ::open((directory_.path() / "archive.partial-writtenn").c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::flock(writer.get(), LOCK_EX | LOCK_NB), 0);
    const NewArchive archive(file_);
    EXPECT_THAT(names(), testing::UnorderedElementsAre("source", "target", "other.partial-abandone",
                                                       "archive.partial-writtenn"));
}

TEST_F(BackupArchiveTest, SaysAtOnceWhereItCannotBe)
{
    const auto missing = directory_.path() / "missing";
    try {
        NewArchive{missing / "archive"};
        FAIL() << "there is no such directory";
    } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), HasSubstr("no directory '" + missing.string() + "'"));
        EXPECT_FALSE(error.hint().empty());
    }
}

TEST_F(BackupArchiveTest, SaysWhatIsNoArchive)
{
    write_file(file_, "hello\n");
    EXPECT_EQ(failure_of_unpacking(file_), "'" + file_.string() +
                                               "' is not a backup: no 'nimbus local backup' wrote "
                                               "it. Nothing was changed.");
    write_file(file_, "");
    EXPECT_THAT(failure_of_unpacking(file_), HasSubstr("is not a backup: "));
    write_file(file_, "\x1f\x8b and then something else");
    const auto said = failure_of_unpacking(file_);
    EXPECT_THAT(said, HasSubstr("is not a backup, or is damaged: "));
    EXPECT_THAT(said, testing::Not(HasSubstr("disk")));
    EXPECT_THAT(said, testing::Not(HasSubstr("\n")));
    EXPECT_THAT(failure_of_unpacking(source_), HasSubstr("is a directory, not a backup"));
}

} // namespace
} // namespace nimbus::local
