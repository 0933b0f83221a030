#include "base/file.h"
#include "base/garbage.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <functional>
#include <sys/stat.h>
#include <thread>

namespace nimbus {
namespace {

namespace fs = std::filesystem;

void until(const std::function<bool()>& condition)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it does not happen";
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

struct GarbageTest : testing::Test {
    fs::path path(const char* name) const { return directory.path() / name; }

    TemporaryDirectory directory;
    fs::path place = directory.path() / "garbage";
};

TEST_F(GarbageTest, TakesAwayWhatItIsGiven)
{
    write_file(path("file"), "x");
    make_directories(path("tree/a/b"));
    make_directories(path("tree/c"));
    write_file(path("tree/a/b/file"), "x");
    fs::create_symlink(directory.path(), path("tree/link"));
    Garbage garbage(place);
    garbage.discard(path("file"));
    garbage.discard(path("tree"));
    garbage.discard(path("nothing"));
    EXPECT_FALSE(fs::exists(path("file"))) << "at once";
    EXPECT_FALSE(fs::exists(path("tree")));
    until([&] { return fs::is_empty(place); });
    EXPECT_TRUE(fs::exists(place)) << "links are not followed";
}

TEST_F(GarbageTest, NeedsNoLongPathForDirectoriesWithinDirectories)
{
    constexpr const char* name = "a name of thirty-one characters";
    constexpr int levels = 150; // a path over PATH_MAX
    make_directories(path("deep"));
    UniqueFd at(::open(path("deep").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int level = 0; level < levels; ++level) {
        ASSERT_EQ(::mkdirat(at.get(), name, 0700), 0);
        at = UniqueFd(::openat(at.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    Garbage garbage(place);
    garbage.discard(path("deep"));
    until([&] { return fs::is_empty(place); });
}

TEST_F(GarbageTest, TakesAwayWhatItsOwnerMadeUnwritable)
{
    make_directories(path("shut/inner"));
    write_file(path("shut/inner/file"), "x");
    ::chmod(path("shut/inner").c_str(), 0);
    ::chmod(path("shut").c_str(), 0500);
    Garbage garbage(place);
    garbage.discard(path("shut"));
    until([&] { return fs::is_empty(place); });
}

TEST_F(GarbageTest, GoesOnWithWhatAnEarlierOneLeft)
{
    make_directories(place / "left/over");
    const Garbage garbage(place);
    until([&] { return fs::is_empty(place); });
}

TEST_F(GarbageTest, EndsBeforeAllIsGone)
{
    make_directories(path("large"));
    constexpr int entries = 1'000;
    for (int number = 0; number < entries; ++number)
        ASSERT_EQ(::mkdir((path("large") / std::to_string(number)).c_str(), 0700), 0);
    {
        Garbage garbage(place);
        garbage.discard(path("large"));
    }
    EXPECT_FALSE(fs::is_empty(place));
}

} // namespace
} // namespace nimbus
