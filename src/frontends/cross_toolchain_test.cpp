#include "base/architecture.h"
#include "frontends/executable.h"
#include "frontends/test_elf.h"
#include "frontends/test_project.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace nimbus::frontends {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;

/// A stand-in for the cross compiler: it compiles to an object without code, links to a header of
/// an arm64 executable, and has the libraries that are named. It remembers how it was called.
std::string compiler_text(const std::filesystem::path& directory, const std::string& libraries)
{
    write_file(directory / "program", elf(EM_AARCH64));
    return "#!/bin/sh\n"
           "here='" +
           directory.string() +
           "'\n"
           "libraries='" +
           libraries + R"('
case $1 in -print-file-name=*)
    name=${1#-print-file-name=}
    case " $libraries " in *" $name "*) name=/somewhere/$name ;; esac
    echo "$name"
    exit ;;
esac
echo "$@" >>"$here/calls"
for argument; do
    [ "$before" != -o ] || cp "$here/program" "$argument"
    case $before in -MF) : >"$argument" ;; esac
    case $argument in -Wl,--dependency-file=*) : >"${argument#*=}" ;; esac
    before=$argument
done
)";
}

constexpr const char* all_libraries = "libboost_json.a libssl.a libcrypto.a libcares.a";

/// On a machine of another architecture than arm64.
class CrossToolchains : public testing::Test {
protected:
    void SetUp() override
    {
        if (host_architecture == "arm64")
            GTEST_SKIP() << "This machine builds for arm64 natively.";
        project.write("main.cpp", program_text("", manifest_text("shop", "arm64")));
        path = std::getenv("PATH");
        install(all_libraries);
        make_directories(library);
        write_file(library / "libnimbus.a", "!<arch>\n");
        ::setenv("PATH", (tools.path().string() + ':' + path).c_str(), 1);
    }
    void TearDown() override
    {
        if (!path.empty())
            ::setenv("PATH", path.c_str(), 1);
    }

    void install(const std::string& libraries)
    {
        write_file(tools.path() / "aarch64-linux-gnu-g++", compiler_text(tools.path(), libraries),
                   0755);
    }

    TestProject project;
    TemporaryDirectory tools;
    std::filesystem::path library = project.prefix() / "lib" / "aarch64-linux-gnu";
    std::string path;
};

TEST_F(CrossToolchains, BuildWhatLambdaGetsForTheDeclaredArchitecture)
{
    const auto application = project.load();
    EXPECT_THAT(application.packages, ElementsAre(Key("arm64")));
    EXPECT_EQ(application.manifest.architecture, "arm64");
    EXPECT_THAT(application.other_architectures, IsEmpty());
    EXPECT_THAT(project.steps, ElementsAre("Compiling main.cpp", "Linking main.cpp",
                                           "Compiling main.cpp", "Linking main.cpp", "Packaging"));
    EXPECT_THAT(read_file(tools.path() / "calls"), HasSubstr("-L" + library.string()));

    EXPECT_EQ(package_of(project.load()).sha256, package_of(application).sha256);
    EXPECT_THAT(project.steps, IsEmpty());

    write_file(library / "libnimbus.a", "!<arch>\n\n");
    project.load();
    EXPECT_THAT(project.steps, Contains("Linking main.cpp"));
}

TEST_F(CrossToolchains, AreNotNeededToRunFunctionsHere)
{
    std::filesystem::remove_all(library);
    project.write(
        "main.cpp",
        program_text(
            "", manifest_text("shop", "arm64").insert(1, R"("functions": [{"name": "get"}], )")));
    const auto application = project.load("", LoadOptions::Place::here);
    EXPECT_THAT(application.packages, ElementsAre(Key(host_architecture)));
    EXPECT_EQ(application.manifest.functions.front().architecture, host_architecture);
    EXPECT_THAT(application.other_architectures, ElementsAre("arm64"));
}

TEST_F(CrossToolchains, BuildOneArchiveForEachArchitectureThatFunctionsHave)
{
    project.write("main.cpp",
                  program_text("", manifest_text().insert(1, R"("functions": [{"name": "get"},
                      {"name": "put", "architecture": "arm64"}], )")));
    EXPECT_THAT(project.load().packages, ElementsAre(Key("arm64"), Key("x86_64")));
}

TEST_F(CrossToolchains, ThatAreMissingAreNamedWithTheWayToGetThem)
{
    const std::string start =
        "main.cpp declares the architecture arm64, and this machine cannot build for it: ";
    install("libboost_json.a libcrypto.a libcares.a");
    EXPECT_EQ(project.failure(), start + "libssl.a for arm64 is not installed");

    std::filesystem::remove(library / "libnimbus.a");
    EXPECT_EQ(project.failure(), start + "there is no " + (library / "libnimbus.a").string());

    // Only what a build for this machine takes.
    std::filesystem::remove(tools.path() / "aarch64-linux-gnu-g++");
    for (const auto* name : {"g++", "as", "ld"})
        std::filesystem::create_symlink(std::filesystem::path("/usr/bin") / name,
                                        tools.path() / name);
    ::setenv("PATH", tools.path().c_str(), 1);
    EXPECT_EQ(project.failure(), start + "the program 'aarch64-linux-gnu-g++' is not installed");
    try {
        project.load();
    } catch (const Error& error) {
        EXPECT_THAT(error.hint(), HasSubstr("run 'make arm64'"));
    }
}

} // namespace
} // namespace nimbus::frontends
