#include "base/error.h"
#include "base/file.h"
#include "base/owned_directory.h"
#include "local/home.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <sys/file.h>
#include <thread>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

class HomeTest : public testing::Test {
protected:
    TemporaryDirectory directory_;
    Home home_{directory_.path() / "home"};
};

TEST_F(HomeTest, LocksAreNoContent)
{
    EXPECT_FALSE(home_.has_content()) << "it is missing";
    home_.create();
    EXPECT_FALSE(home_.has_content());
    for (const auto& file : home_.lock_files())
        write_file(file, "1");
    EXPECT_FALSE(home_.has_content());
    write_file(home_.root() / "notes", "");
    EXPECT_TRUE(home_.has_content());
    EXPECT_THROW(static_cast<void>(Home(home_.root() / "notes").has_content()), UsageError);
}

/// How often this process has the file open.
std::size_t descriptors_of(const fs::path& file)
{
    std::size_t count = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd"))
        if (fs::read_symlink(entry.path(), ignored) == file)
            ++count;
    return count;
}

TEST_F(HomeTest, ALockThatIsWaitedForIsThatOfTheHomeOfThatName)
{
    home_.create();
    std::optional<UniqueFd> first = wait_for_file_lock(home_.start_lock_file());
    auto second =
        std::async(std::launch::async, [&] { return wait_for_file_lock(home_.start_lock_file()); });
    while (descriptors_of(home_.start_lock_file()) < 2)
        std::this_thread::yield();
    fs::rename(home_.root(), directory_.path() / "old");
    home_.create(); // as a restore puts another one there
    first.reset();
    const auto held = second.get();
    const UniqueFd fresh(::open(home_.start_lock_file().c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(fresh);
    EXPECT_NE(::flock(fresh.get(), LOCK_EX | LOCK_NB), 0) << "the second has it";
}

TEST_F(HomeTest, WhatAKilledRestoreOrBackupLeftIsFoundAndRemoved)
{
    home_.create();
    const auto of_restore = directory_.path() / "home.restoring-abcdef";
    const auto of_backup = home_.root() / "backup-abcdefgh";
    make_directories(of_restore / "data");
    make_directories(of_backup / "data");
    const OwnedDirectory under_way(directory_.path(), home_.restoring_prefix());
    EXPECT_EQ(home_.leftovers().size(), 1U) << "the next restore has removed the other's";
    home_.remove_leftovers();
    EXPECT_FALSE(fs::exists(of_restore));
    EXPECT_FALSE(fs::exists(of_backup));
    EXPECT_TRUE(fs::exists(under_way.path()));
}

} // namespace
} // namespace nimbus::local
