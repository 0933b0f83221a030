#include "base/error.h"
#include "base/file.h"
#include "local/postgres/tree_copy.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace nimbus::local::postgres {
namespace {

mode_t mode_of(const std::filesystem::path& path)
{
    struct stat information{};
    EXPECT_EQ(::stat(path.c_str(), &information), 0) << path;
    return information.st_mode & 07777;
}

TEST(TreeCopy, CopiesFilesAndDirectoriesForTheirOwnerAlone)
{
    const TemporaryDirectory directory;
    const auto source = directory.path() / "source";
    make_directories(source / "base" / "1");
    make_directories(source / "empty");
    const std::string large(3 * 1024 * 1024 + 17, 'x');
    write_file(source / "base" / "1" / "large", large);
    write_file(source / "PG_VERSION", "15\n");
    write_file(source / "nothing", "");

    const auto target = directory.path() / "target";
    copy_tree(source, target, {});

    EXPECT_EQ(read_file(target / "base" / "1" / "large"), large);
    EXPECT_EQ(read_file(target / "PG_VERSION"), "15\n");
    EXPECT_EQ(read_file(target / "nothing"), "");
    EXPECT_TRUE(std::filesystem::is_empty(target / "empty"));
    EXPECT_EQ(mode_of(target), 0700U);
    EXPECT_EQ(mode_of(target / "base" / "1"), 0700U);
    EXPECT_EQ(mode_of(target / "PG_VERSION"), 0600U);
}

TEST(TreeCopy, RefusesLinksAndLeavesNothing)
{
    const TemporaryDirectory directory;
    const auto source = directory.path() / "source";
    make_directories(source);
    std::filesystem::create_symlink("/etc/passwd", source / "link");

    EXPECT_THROW(copy_tree(source, directory.path() / "target", {}), Error);
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "target"));
}

TEST(TreeCopy, DoesNotWriteIntoWhatIsThere)
{
    const TemporaryDirectory directory;
    const auto source = directory.path() / "source";
    make_directories(source);
    make_directories(directory.path() / "target");
    write_file(directory.path() / "target" / "precious", "data");

    EXPECT_THROW(copy_tree(source, directory.path() / "target", {}), Error);
    EXPECT_EQ(read_file(directory.path() / "target" / "precious"), "data");
}

} // namespace
} // namespace nimbus::local::postgres
