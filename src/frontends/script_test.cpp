#include "base/architecture.h"
#include "frontends/test_elf.h"
#include "frontends/test_project.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace nimbus::frontends {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Scripts for the shell as applications, with stand-ins for Node and esbuild that take them:
/// the real ones are tests/e2e's.
class Script : public testing::Test {
protected:
    Script() : path_(std::getenv("PATH"))
    {
        project.write("index.ts", application());
        project.write("tools/node", R"(#!/bin/sh
[ "$1" = --version ] && { echo v22.1.0; exit; }
for script; do :; done
exec sh "$script"
)",
                      0755);
        for (const auto* platform : {"linux-x64", "linux-arm64"})
            project.write("node_modules/@esbuild/" + std::string(platform) + "/bin/esbuild",
                          R"(#!/bin/sh
for option; do
    case $option in
        --outfile=*) out=${option#*=} ;;
        --metafile=*) meta=${option#*=} ;;
    esac
done
if grep -q mistake index.ts; then
    name=$(sed 's/^mistake //' index.ts)
    printf '✘ [ERROR] Could not resolve "%s"\n\n    index.ts:7:3:\n      7 │ import "pq"\n        ╵        ~~~~\n' "$name"
    exit 1
fi
cp index.ts "$out"
echo "$@" >>runs.txt
for addon in node_modules/*/*.node; do # as the loader "copy" does
    [ -e "$addon" ] || continue
    copy=$(basename "$addon" .node)-$(cksum <"$addon" | cut -c 1-8).node
    cp "$addon" "$(dirname "$out")/$copy"
    copies="$copies${copies:+, }\"bundle/$copy\": {\"inputs\": {\"$addon\": {}}}"
done
echo '{"inputs": {"index.ts": {}, "node_modules/fast/index.js": {}}, "outputs": {'"$copies"'}}' >"$meta"
)",
                          0755);
        project.write("node_modules/@hillock-tech/nimbus-js/package.json", "{}");
        project.write("node_modules/fast/package.json", "{}");
        project.write("node_modules/fast/index.js", "");
        ::setenv("PATH", ((project.directory() / "tools").string() + ':' + path_).c_str(), 1);
    }
    ~Script() override { ::setenv("PATH", path_.c_str(), 1); }

    static std::string application(const std::string& manifest = manifest_text(),
                                   const std::string& places = "{}")
    {
        return "printf '%s' '" + manifest + "' > \"$NIMBUS_MANIFEST_OUT\"\n" + "printf '%s' '" +
               places + "' > \"$NIMBUS_MANIFEST_OUT.places\"\n";
    }

    std::string runs() const { return read_file(project.directory() / "runs.txt"); }

    TestProject project;

private:
    std::string path_;
};

TEST_F(Script, IsBundledOnceAndAgainWhenSomethingChanged)
{
    const auto first = project.load();
    EXPECT_EQ(first.manifest.project, "shop");
    EXPECT_THAT(project.steps, ElementsAre("Bundling index.ts", "Packaging"));
    EXPECT_EQ(package_of(project.load()).sha256, package_of(first).sha256);
    EXPECT_THAT(project.steps, IsEmpty());

    project.write("node_modules/fast/index.js", "// changed");
    EXPECT_EQ(package_of(project.load()).sha256, package_of(first).sha256);
    EXPECT_THAT(project.steps, ElementsAre("Bundling index.ts"));

    project.write("tsconfig.json", "{}"); // was not there before
    project.load();
    EXPECT_THAT(project.steps, testing::Contains("Bundling index.ts"));

    project.write("index.ts", application(manifest_text("other")));
    EXPECT_EQ(project.load().manifest.project, "other");
}

TEST_F(Script, ThatCannotBeBundledSaysWhereAndWhatToDo)
{
    project.write("index.ts", "mistake pq");
    try {
        project.load();
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "index.ts cannot be bundled: index.ts:7:4: Could not resolve \"pq\"");
        EXPECT_EQ(error.hint(), "Install it: npm install pq.");
    }
    EXPECT_THAT(project.tool_output, HasSubstr("  7 │ import \"pq\""));
}

TEST_F(Script, IsToldWhereItsDeclarationsAreWrong)
{
    project.write("index.ts", application(manifest_text("My Shop"), R"({"": "index.ts:3:13"})"));
    EXPECT_THAT(project.failure(),
                AllOf(HasSubstr("What index.ts declares is wrong in index.ts:3:13: project: must"),
                      HasSubstr("My Shop")));
}

TEST_F(Script, GetsPackagesWithNativePartsAsTheyAre)
{
    const auto plain = project.load();
    project.write("node_modules/fast/binding.gyp", "{}");
    project.write("node_modules/fast/package.json", "{}\n");
    project.write("index.ts", application() + "\n");
    const auto native = project.load();
    EXPECT_THAT(runs(), HasSubstr("--external:fast"));
    EXPECT_NE(package_of(native).sha256, package_of(plain).sha256);
    EXPECT_EQ(package_of(project.load()).sha256, package_of(native).sha256);
    EXPECT_THAT(project.steps, IsEmpty());
}

TEST_F(Script, IsRefusedWithAnAddonForAnotherArchitectureThanItsFunctionsHave)
{
    const auto machine = host_architecture == "arm64" ? EM_X86_64 : EM_AARCH64;
    project.write("node_modules/fast/binding.gyp", "{}");
    project.write("node_modules/fast/package.json", "{}\n");
    project.write("node_modules/fast/build/Release/fast.node", elf(machine, ET_DYN));
    EXPECT_THAT(project.failure(),
                HasSubstr("the package fast has its compiled addon build/Release/fast.node for"));
}

TEST_F(Script, IsRefusedThoughAnotherPackageHasAnAddonForTheArchitecture)
{
    const bool is_arm = host_architecture == "arm64";
    project.write("node_modules/fast/fast.node", elf(is_arm ? EM_X86_64 : EM_AARCH64, ET_DYN));
    project.write("node_modules/other/other.node", elf(is_arm ? EM_AARCH64 : EM_X86_64, ET_DYN));
    EXPECT_THAT(project.failure(),
                HasSubstr("the package fast has its compiled addon fast.node for"));
}

TEST_F(Script, ThatImportsNimbusByAShorterNameLearnsTheRightOne)
{
    for (const std::string name : {"nimbus", "nimbus-js"}) {
        project.write("index.ts", "mistake " + name);
        try {
            project.load();
            FAIL();
        } catch (const Error& error) {
            EXPECT_EQ(error.hint(), "Nimbus's package is called @hillock-tech/nimbus-js.");
        }
    }
}

TEST_F(Script, NeedsItsToolsAndSaysWhereTheyComeFrom)
{
    const auto modules = project.directory() / "node_modules";
    std::filesystem::remove_all(modules / "@esbuild");
    EXPECT_THAT(project.failure(), HasSubstr("is installed without @esbuild/linux-"));
    std::filesystem::remove_all(modules / "@hillock-tech");
    EXPECT_EQ(project.failure(),
              "index.ts needs the package @hillock-tech/nimbus-js, and no node_modules has it");
    ::setenv("PATH", "/nowhere", 1);
    EXPECT_EQ(project.failure(), "index.ts needs Node.js, and the program 'node' is not installed");
}

TEST_F(Script, NeedsANodeThatIsNotTooOld)
{
    project.write("tools/node", "#!/bin/sh\necho v18.20.4\n", 0755);
    EXPECT_THAT(project.failure(),
                AllOf(HasSubstr("index.ts needs Node.js 20 or newer"), HasSubstr("is v18.20.4")));
}

} // namespace
} // namespace nimbus::frontends
