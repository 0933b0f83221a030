#include "base/error.h"
#include "base/file.h"
#include "base/scratch_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace nimbus {
namespace {

TEST(WriteFile, ReplacesTheContentAndSetsTheMode)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "file";
    write_file(path, "old");
    write_file(path, "new", 0600);
    EXPECT_EQ(read_file(path), "new");
    struct stat information{};
    ASSERT_EQ(::stat(path.c_str(), &information), 0);
    EXPECT_EQ(information.st_mode & 0777, 0600u);
}

TEST(WriteFile, LeavesNothingBehindWhenItFails)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "directory";
    make_directories(path / "child");
    EXPECT_THROW(write_file(path, "x"), Error);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(WriteScratchFile, LeavesAloneWhatIsThereAlready)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "file";
    write_scratch_file(path, "old");
    const auto before = std::filesystem::last_write_time(path) - std::chrono::hours(1);
    std::filesystem::last_write_time(path, before);
    write_scratch_file(path, "old");
    EXPECT_EQ(std::filesystem::last_write_time(path), before);
    write_scratch_file(path, "new");
    EXPECT_EQ(read_file(path), "new");
}

TEST(RewriteFile, KeepsModeOwnerAndSymbolicLinks)
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "file";
    const auto link = directory.path() / "link";
    write_file(file, "old", 0640);
    const bool is_root = ::geteuid() == 0;
    if (is_root) {
        ASSERT_EQ(::chown(file.c_str(), 12, 34), 0);
    }
    std::filesystem::create_symlink(file, link);
    rewrite_file(link, "new");
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640U);
    EXPECT_EQ(status.st_uid, is_root ? 12 : ::geteuid());
    EXPECT_EQ(status.st_gid, is_root ? 34 : ::getegid());
    EXPECT_EQ(read_file(file), "new");
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 2);
}

TEST(RewriteFile, WritesInPlaceWhatCannotBeReplaced)
{
    if (::geteuid() == 0)
        GTEST_SKIP() << "root may write into every directory";
    const TemporaryDirectory directory;
    const auto file = directory.path() / "file";
    write_file(file, "a longer old text");
    std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_read |
                                                       std::filesystem::perms::owner_exec);
    rewrite_file(file, "new");
    EXPECT_EQ(read_file(file), "new");
    std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
}

TEST(RewriteFile, NamesTheFileThatIsMissing)
{
    EXPECT_THROW(rewrite_file("/nowhere/hosts", "new"), Error);
}

TEST(ReadFile, NamesTheFileThatIsMissing)
{
    EXPECT_FALSE(read_file_if_exists("/nonexistent/file"));
    try {
        read_file("/nonexistent/file");
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "There is no file '/nonexistent/file'");
    }
}

TEST(ReadSmallFile, ReadsFilesAndPipes)
{
    const TemporaryDirectory directory;
    const auto path = directory.path() / "file";
    EXPECT_FALSE(read_small_file_if_exists(path));
    write_file(path, "token");
    EXPECT_EQ(read_small_file_if_exists(path), "token");
    std::filesystem::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    std::thread writer([&] { std::ofstream(path) << "token"; });
    EXPECT_EQ(read_small_file_if_exists(path), "token");
    writer.join();
}

TEST(ReadSmallFile, RefusesWhatNeverEndsAndWhatIsNoFile)
{
    const TemporaryDirectory directory;
    const auto pipe = directory.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const auto large = directory.path() / "large";
    write_file(large, std::string(101, 'x'));
    const ReadLimits limits{.bytes = 100, .wait = std::chrono::milliseconds(1)};
    for (const auto& [path, reason] :
         {std::pair<std::filesystem::path, std::string>{"/dev/zero", "neither a file nor a pipe"},
          {directory.path(), "is a directory"},
          {large, "is larger than 100 bytes"},
          {pipe, "Nobody finished writing"}}) {
        try {
            read_small_file_if_exists(path, limits);
            FAIL() << path;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
            EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos);
        }
    }
}

TEST(MakeDirectories, MakesParentsAndAcceptsWhatIsThere)
{
    const TemporaryDirectory directory;
    make_directories(directory.path() / "a" / "b" / "c", 0700);
    make_directories(directory.path() / "a" / "b" / "c", 0700);
    EXPECT_TRUE(std::filesystem::is_directory(directory.path() / "a" / "b" / "c"));
    write_file(directory.path() / "f", "");
    EXPECT_THROW(make_directories(directory.path() / "f"), Error);
}

TEST(MakeDirectories, GivesTheModesWhateverTheUmaskIs)
{
    const TemporaryDirectory directory;
    const auto mask = ::umask(0077);
    make_directories(directory.path() / "a" / "b", 0755);
    ::umask(mask);
    for (const auto& path : {directory.path() / "a", directory.path() / "a" / "b"})
        EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(path).permissions()), 0755U)
            << path;
}

TEST(TemporaryDirectory, DisappearsWithItsContent)
{
    std::filesystem::path path;
    {
        const TemporaryDirectory directory;
        path = directory.path();
        write_file(path / "file", "x");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TemporaryDirectory, OfAProcessThatWasKilledIsRemovedByTheNext)
{
    const TemporaryDirectory root;
    const auto entries = [&] {
        return std::distance(std::filesystem::directory_iterator(root.path()), {});
    };
    const std::string before = std::getenv("TMPDIR") == nullptr ? "" : std::getenv("TMPDIR");
    ::setenv("TMPDIR", root.path().c_str(), 1);
    const pid_t child = ::fork();
    if (child == 0) {
        const TemporaryDirectory left_behind("a");
        write_file(left_behind.path() / "file", "x");
        ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(entries(), 1);
    const TemporaryDirectory unrelated("b");
    EXPECT_EQ(entries(), 2);
    const TemporaryDirectory next("a");
    EXPECT_EQ(entries(), 2);
    const TemporaryDirectory another("a");
    EXPECT_EQ(entries(), 3) << "the one of a process that runs stays";
    ::setenv("TMPDIR", before.c_str(), 1); // empty is as good as unset
}

} // namespace
} // namespace nimbus
