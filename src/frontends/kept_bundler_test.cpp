#include "base/file.h"
#include "frontends/kept_bundler.h"
#include "frontends/test_project.h"

#include <gtest/gtest.h>

#include <csignal>

namespace nimbus::frontends {
namespace {

/// Something in esbuild's place; the real one is kept in tests/e2e/test_dev_kept_tools.py.
class KeptBundlerTest : public testing::Test {
protected:
    KeptBundlerTest() { std::signal(SIGPIPE, SIG_IGN); }

    std::optional<BundlerRun> run(const std::string& script)
    {
        project.write("esbuild/package.json", R"({"version": "1.2.3"})");
        project.write("esbuild/bin/esbuild", "#!/bin/sh\n" + script, 0755);
        return bundler.run(project.directory() / "esbuild" / "bin" / "esbuild",
                           {.entry = "/entry.cjs", .outfile = "/out.js", .metafile = "/meta.json"},
                           project.directory());
    }

    TestProject project;
    KeptBundler bundler;
};

TEST_F(KeptBundlerTest, GivesUpOneThatEndsAtOnce)
{
    EXPECT_FALSE(run("exit 1\n"));
}

TEST_F(KeptBundlerTest, GivesUpOneThatSpeaksAnotherProtocol)
{
    // A version, and then what is no packet.
    EXPECT_FALSE(run(R"(printf '\005\000\000\0001.2.3\001\000\000\000x'; cat >/dev/null)"));
}

TEST_F(KeptBundlerTest, GivesUpOneThatIsNotThere)
{
    EXPECT_FALSE(bundler.run(project.directory() / "none", {}, project.directory()));
}

} // namespace
} // namespace nimbus::frontends
