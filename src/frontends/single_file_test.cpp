#include "frontends/test_project.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SingleFile : public testing::Test {
protected:
    TestProject project;
};

TEST_F(SingleFile, IsBuiltOnceAndAgainWhenSomethingChanged)
{
    project.write("a header.h", "");
    project.write("main.cpp", program_text("#include \"a header.h\"\n"));
    const auto first = project.load();
    EXPECT_EQ(first.manifest.project, "shop");
    EXPECT_THAT(project.steps, ElementsAre("Compiling main.cpp", "Linking main.cpp", "Packaging"));

    EXPECT_EQ(package_of(project.load()).sha256, package_of(first).sha256);
    EXPECT_THAT(project.steps, IsEmpty());

    // Another program with the same outcome is compiled, and packaged with the same result.
    project.write("a header.h", "// a comment\n");
    EXPECT_EQ(package_of(project.load()).sha256, package_of(first).sha256);
    EXPECT_THAT(project.steps, testing::Contains("Compiling main.cpp"));

    project.write("a header.h", "extern const int number; const int number = 3;\n");
    project.write("main.cpp", program_text("#include \"a header.h\"\n", manifest_text("other")));
    EXPECT_EQ(project.load().manifest.project, "other");

    // A new libnimbus is linked.
    write_file(project.prefix() / "lib" / "libnimbus.a", "!<arch>\n\n");
    project.failure();
    EXPECT_THAT(project.steps, testing::Contains("Linking main.cpp"));
}

TEST_F(SingleFile, ThatDoesNotCompileIsShownTheCompilersMessages)
{
    project.write("main.cpp", "int main() {\n    return nonsense;\n}\n");
    EXPECT_EQ(project.failure(), "main.cpp does not compile");
    EXPECT_THAT(project.tool_output, AllOf(HasSubstr("main.cpp:2"), HasSubstr("nonsense")));
    EXPECT_TRUE(project.tool_output.ends_with('\n'));
}

TEST_F(SingleFile, ThatDoesNotLinkIsShownTheLinkersMessages)
{
    project.write("main.cpp", "void nowhere();\nint main() { nowhere(); }\n");
    EXPECT_EQ(project.failure(), "main.cpp does not link");
    EXPECT_THAT(project.tool_output, HasSubstr("nowhere"));
}

TEST_F(SingleFile, NeedsTheLibrary)
{
    project.write("main.cpp", program_text());
    std::filesystem::remove(project.prefix() / "lib" / "libnimbus.a");
    EXPECT_THAT(project.failure(), HasSubstr("libnimbus is not installed with this nimbus"));
}

} // namespace
} // namespace nimbus::frontends
