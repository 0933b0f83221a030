#include "crypto/digest.h"
#include "frontends/application.h"
#include "frontends/test_project.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string script(const std::string& manifest = manifest_text())
{
    return "#!/bin/sh\ncat > \"$NIMBUS_MANIFEST_OUT\" <<'END'\n" + manifest + "\nEND\n";
}

TEST(FindApplication, TakesTheFirstThatIsThere)
{
    TestProject project;
    for (const auto* name : {"index.js", "index.ts", "main.cpp", "CMakeLists.txt"}) {
        project.write(name, "");
        EXPECT_EQ(find_application(project.directory()), project.directory() / name);
    }
}

TEST(FindApplication, SaysWhatItLookedFor)
{
    TestProject project;
    EXPECT_THAT(project.failure(),
                HasSubstr("no CMakeLists.txt, no main.cpp, no index.ts, no index.js"));
    EXPECT_THROW(project.load(), UsageError);
}

TEST(LoadApplication, TakesAProgramThatIsBuilt)
{
    TestProject project;
    project.write("app", script(), 0755);
    const auto application = project.load("app");
    EXPECT_EQ(application.manifest.project, "shop");
    EXPECT_EQ(application.file, project.directory() / "app");
    EXPECT_EQ(application.directory, project.directory());
    EXPECT_EQ(crypto::sha256_hex_of_file(package_of(application).zip),
              package_of(application).sha256);
}

TEST(LoadApplication, PutsTheGivenStageInPlaceOfTheDeclaredOne)
{
    TestProject project;
    project.write("app", script(), 0755);
    LoadOptions options;
    options.stage = "prod";
    EXPECT_EQ(load_application(project.directory() / "app", options).manifest.stage, "prod");
    options.stage = "Prod!";
    EXPECT_THROW(load_application(project.directory() / "app", options), UsageError);
}

TEST(LoadApplication, NamesTheFileInWhichSomethingIsWrong)
{
    TestProject project;
    project.write("app", script(manifest_text("My Shop")), 0755);
    EXPECT_THAT(project.failure("app"), AllOf(HasSubstr("What app declares is wrong in project"),
                                              HasSubstr("\"My Shop\"")));
    project.write("app", script("{"), 0755);
    EXPECT_THAT(project.failure("app"), HasSubstr("The manifest of app is not valid JSON"));
}

TEST(LoadApplication, RefusesWhatIsNoApplication)
{
    TestProject project;
    project.write("notes.txt", "");
    project.write("manifest.json", "{}");
    project.write("data", "data", 0755);
    EXPECT_THAT(project.failure("missing.cpp"), HasSubstr("There is no file"));
    EXPECT_THAT(project.failure("notes.txt"), HasSubstr("'notes.txt' is not an application"));
    EXPECT_THAT(project.failure("manifest.json"), HasSubstr("is a manifest, not an application"));
    EXPECT_THAT(project.failure("data"), HasSubstr("is not a program for Lambda"));
}

TEST(LoadApplication, RefusesAProgramThatLambdaCouldNotRun)
{
    TestProject project;
    project.write("app", script().replace(2, 7, "/usr/bin/env -S sh"), 0755);
    EXPECT_EQ(project.failure("app"), "");
    const auto shell = project.directory() / "dash";
    std::filesystem::create_symlink("/bin/sh", shell);
    project.write("app", script().replace(2, 7, shell.string()), 0755);
    EXPECT_EQ(project.failure("app"),
              "app is a script for '" + shell.string() + "', which Lambda does not have");
}

} // namespace
} // namespace nimbus::frontends
