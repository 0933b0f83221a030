#include "base/file.h"
#include "base/owned_directory.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace nimbus {
namespace {

TEST(OwnedDirectory, StaysWhereItBecameSomethingElse)
{
    const TemporaryDirectory root;
    {
        OwnedDirectory directory(root.path(), "new-");
        EXPECT_EQ(directory.path().parent_path(), root.path());
        std::filesystem::rename(directory.path(), root.path() / "thing");
        directory.release();
    }
    EXPECT_TRUE(std::filesystem::exists(root.path() / "thing"));
}

TEST(OwnedDirectory, OfAnotherNameIsNobodysToRemove)
{
    const TemporaryDirectory root;
    for (const char* name :
         {"new-abcdef", "new-abcdefgh", "new-notes.txt", "new-", "new-abcdefghij"})
        make_directories(root.path() / name);
    EXPECT_EQ(OwnedDirectory::abandoned(root.path(), "new-").size(), 2U);
    OwnedDirectory::remove_abandoned(root.path(), "new-");
    EXPECT_FALSE(std::filesystem::exists(root.path() / "new-abcdef"));
    EXPECT_TRUE(std::filesystem::exists(root.path() / "new-notes.txt"));
}

} // namespace
} // namespace nimbus
