#include "frontends/test_project.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// What nimbusConfig.cmake gives an application, without a library.
constexpr const char* package_text = R"(
function(nimbus_add_app target)
  add_executable(${target} ${ARGN})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME bootstrap
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  target_link_options(${target} PRIVATE -static -s)
endfunction()
)";

std::string lists_text(const std::string& rest)
{
    return "cmake_minimum_required(VERSION 3.16)\nproject(shop LANGUAGES CXX)\n"
           "find_package(nimbus REQUIRED)\n" +
           rest;
}

class CMakeProject : public testing::Test {
protected:
    CMakeProject()
    {
        const auto package = project.prefix() / "lib" / "cmake" / "nimbus";
        make_directories(package);
        write_file(package / "nimbusConfig.cmake", package_text);
    }

    TestProject project;
};

TEST_F(CMakeProject, IsConfiguredAndBuiltWhenNeeded)
{
    project.write("CMakeLists.txt", lists_text("nimbus_add_app(shop app.cpp)\n"));
    project.write("app.cpp", program_text());
    const auto first = project.load();
    EXPECT_EQ(first.manifest.project, "shop");
    EXPECT_THAT(project.steps,
                ElementsAre("Configuring CMakeLists.txt", "Building CMakeLists.txt", "Packaging"));

    EXPECT_EQ(package_of(project.load()).sha256, package_of(first).sha256);
    EXPECT_THAT(project.steps, IsEmpty());

    project.write("app.cpp", "int main() { return nonsense; }\n");
    EXPECT_EQ(project.failure(), "The program of CMakeLists.txt does not build");
    EXPECT_THAT(project.tool_output, AllOf(HasSubstr("app.cpp:1"), HasSubstr("nonsense"),
                                           Not(HasSubstr("FAILED")), Not(HasSubstr("ninja"))));

    project.write("app.cpp", program_text("", manifest_text("other")));
    EXPECT_EQ(project.load().manifest.project, "other");
}

TEST_F(CMakeProject, ThatCannotBeConfiguredIsShownWhy)
{
    project.write("CMakeLists.txt", lists_text("message(FATAL_ERROR \"no luck\")\n"));
    EXPECT_EQ(project.failure(), "CMakeLists.txt cannot be configured");
    EXPECT_THAT(project.tool_output, AllOf(HasSubstr("no luck"), Not(HasSubstr("-- "))));
}

TEST_F(CMakeProject, ThatNinjaRefusesIsShownWhyAndWorksOnceItIsCorrected)
{
    const auto right = lists_text("nimbus_add_app(shop app.cpp)\n");
    project.write("app.cpp", program_text());
    project.write("CMakeLists.txt", right);
    EXPECT_EQ(project.failure(), "");
    project.write("CMakeLists.txt", right + "nimbus_add_app(other app.cpp)\n");
    EXPECT_EQ(project.failure(), "The program of CMakeLists.txt does not build");
    EXPECT_THAT(project.tool_output, HasSubstr("multiple rules generate bootstrap"));
    project.write("CMakeLists.txt", right);
    EXPECT_EQ(project.failure(), "");
}

TEST_F(CMakeProject, NeedsAnApplication)
{
    project.write("CMakeLists.txt", lists_text("add_executable(shop app.cpp)\n"));
    project.write("app.cpp", program_text());
    EXPECT_EQ(project.failure(), "CMakeLists.txt declares no application");
    // Declaring one helps.
    project.write("CMakeLists.txt", lists_text("nimbus_add_app(shop app.cpp)\n"));
    EXPECT_EQ(project.failure(), "");
}

} // namespace
} // namespace nimbus::frontends
