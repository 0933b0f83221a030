#include "base/file.h"
#include "frontends/precompiled_library.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

/// A libnimbus of one header, and a cache of its own.
class PrecompiledLibrary : public testing::Test {
protected:
    PrecompiledLibrary()
    {
        ::setenv("XDG_CACHE_HOME", (directory_.path() / "cache").c_str(), 1);
        const auto prefix = directory_.path() / "prefix";
        for (const auto* part : {"include/nimbus", "lib/nimbus"})
            std::filesystem::create_directories(prefix / part);
        write_file(prefix / "lib" / "libnimbus.a", "");
        write_file(prefix / "lib" / "nimbus" / "compile-flags",
                   "-std=c++20 -O2 -I@PREFIX@/include\n");
        write_file(prefix / "include" / "nimbus" / "nimbus.hpp", "#pragma once\nint answer();\n");
        options_.prefix = prefix;
        options_.purpose = LoadOptions::Purpose::development;
        options_.progress = [this](std::string_view what) { announced_.emplace_back(what); };
    }
    ~PrecompiledLibrary() override { ::unsetenv("XDG_CACHE_HOME"); }

    std::vector<std::string> command(std::vector<std::string> compiler)
    {
        return with_precompiled_library(std::move(compiler),
                                        {directory_.path() / "main.cpp", options_});
    }

    TemporaryDirectory directory_;
    LoadOptions options_;
    std::vector<std::string> announced_;
};

TEST_F(PrecompiledLibrary, IsMadeOnceForACompilerAndAVersion)
{
    const auto first = command({"ccache", "g++"});
    ASSERT_THAT(first,
                ElementsAre("g++", StartsWith("-I" + directory_.path().string() + "/cache")));
    EXPECT_TRUE(std::filesystem::exists(first[1].substr(2) + "/nimbus/nimbus.hpp.gch"));
    EXPECT_EQ(announced_.size(), 1u);
    EXPECT_EQ(command({"g++"}), first);
    EXPECT_EQ(announced_.size(), 1u);

    write_file(options_.prefix / "include" / "nimbus" / "nimbus.hpp",
               "#pragma once\nint other();\n");
    EXPECT_NE(command({"g++"}), first);
    EXPECT_EQ(announced_.size(), 2u);
}

TEST_F(PrecompiledLibrary, IsNotForOtherCompilersAndFailuresDoNotHurt)
{
    EXPECT_THAT(command({"clang++"}), ElementsAre("clang++"));
    write_file(options_.prefix / "include" / "nimbus" / "nimbus.hpp", "this does not compile\n");
    EXPECT_THAT(command({"ccache", "g++"}), ElementsAre("ccache", "g++"));
}

} // namespace
} // namespace nimbus::frontends
