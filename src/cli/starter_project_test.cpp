#include "base/error.h"
#include "base/file.h"
#include "cli/starter_project.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> names_of(const std::vector<StarterFile>& files)
{
    std::vector<std::string> names;
    for (const auto& file : files)
        names.push_back(file.name);
    return names;
}

TEST(StarterProject, HasAProgramATestAndWhatBuildsThem)
{
    EXPECT_THAT(names_of(starter_files(Language::cpp, "shop")),
                IsSupersetOf({".gitignore", "CMakeLists.txt", "README.md", "main.cpp", "notes.cpp",
                              "notes_test.cpp", "migrations/0001_notes.sql"}));
    EXPECT_THAT(names_of(starter_files(Language::typescript, "shop")),
                IsSupersetOf({".gitignore", "README.md", "index.ts", "notes.test.ts",
                              "package.json", "tsconfig.json", "migrations/0001_notes.sql"}));
}

TEST(StarterProject, HasItsOwnNameEverywhere)
{
    for (const auto language : {Language::cpp, Language::typescript}) {
        std::string texts;
        for (const auto& file : starter_files(language, "shop"))
            texts += file.text;
        EXPECT_THAT(texts, HasSubstr("shop"));
        EXPECT_THAT(texts, Not(HasSubstr("starter")));
    }
}

TEST(StarterProject, IsWrittenIntoANewOrAnEmptyDirectory)
{
    const TemporaryDirectory directory;
    const std::vector<StarterFile> files{{"main.cpp", "int main() {}\n"}};
    std::filesystem::create_directory(directory.path() / "empty");
    for (const auto* name : {"new", "empty"}) {
        write_starter(directory.path() / name, files);
        EXPECT_EQ(read_file(directory.path() / name / "main.cpp"), "int main() {}\n");
    }
}

TEST(StarterProject, LeavesWhatIsThereAlone)
{
    const TemporaryDirectory directory;
    const auto kept = directory.path() / "shop" / "notes.txt";
    std::filesystem::create_directory(kept.parent_path());
    write_file(kept, "mine");
    EXPECT_THROW(write_starter(kept.parent_path(), {{"notes.txt", ""}}), Error);
    EXPECT_THROW(write_starter(kept, {{"notes.txt", ""}}), Error);
    EXPECT_EQ(read_file(kept), "mine");
}

TEST(StarterProject, LeavesNothingBehindWhenItCannotBeWritten)
{
    const TemporaryDirectory directory;
    const auto project = directory.path() / "shop";
    EXPECT_ANY_THROW(
        write_starter(project, {{"below/main.cpp", ""}, {"main.cpp", ""}, {"main.cpp/below", ""}}));
    EXPECT_FALSE(std::filesystem::exists(project));
}

} // namespace
} // namespace nimbus::cli
