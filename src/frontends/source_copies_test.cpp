#include "base/file.h"
#include "base/json.h"
#include "frontends/source_copies.h"
#include "frontends/tsconfig.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

class SourceCopiesOf : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) const
    {
        make_directories((project() / name).parent_path());
        write_file(project() / name, text);
    }

    std::filesystem::path project() const { return directory_.path() / "project"; }
    std::filesystem::path copies() const { return directory_.path() / "build" / "source"; }

private:
    TemporaryDirectory directory_;
};

TEST_F(SourceCopiesOf, ASourceHaveItsNameAndTheContentThatIsGiven)
{
    write("lib/a.ts", "before");
    SourceCopies sources(project(), copies());
    sources.add(project() / "lib" / "a.ts", "after");
    EXPECT_EQ(sources.copy_of(project() / "lib" / "a.ts"), copies() / "lib" / "a.ts");
    EXPECT_EQ(read_file(copies() / "lib" / "a.ts"), "after");
    EXPECT_EQ(read_file(project() / "lib" / "a.ts"), "before");
}

TEST_F(SourceCopiesOf, AnEarlierBuildAreGone)
{
    make_directories(copies());
    write_file(copies() / "old.ts", "");
    const SourceCopies sources(project(), copies());
    EXPECT_FALSE(std::filesystem::exists(copies() / "old.ts"));
}

TEST_F(SourceCopiesOf, ASourceBringWhatDecidesOverItsImports)
{
    write("package.json", R"({"type": "module"})");
    write("lib/package.json", R"({"type": "commonjs"})");
    write("other/package.json", "{}");
    SourceCopies sources(project(), copies());
    sources.add(project() / "lib" / "deep" / "a.ts", "");
    EXPECT_EQ(read_file(copies() / "package.json"), R"({"type": "module"})");
    EXPECT_EQ(read_file(copies() / "lib" / "package.json"), R"({"type": "commonjs"})");
    EXPECT_FALSE(std::filesystem::exists(copies() / "other"));
}

TEST_F(SourceCopiesOf, AConfigurationLeadToOtherCopies)
{
    write("base.json", R"({"compilerOptions": {"jsx": "react-jsx"}})");
    write("tsconfig.json", R"({"extends": "./base.json",
        "compilerOptions": {"baseUrl": ".", "paths": {"@app/*": ["./source/*"]}}})");
    SourceCopies sources(project(), copies());
    sources.add(project() / "a.ts", "");
    const auto copied = tsconfig_for(copies() / "a.ts").value().options;
    EXPECT_EQ(string_or_empty(copied, "jsx"), "react-jsx");
    EXPECT_EQ(string_or_empty(copied, "baseUrl"), copies().string() + "/");
    // What is no source lies where it was.
    EXPECT_EQ(*object_member(copied, "paths"),
              (json::object{{"@app/*", json::array{(copies() / "source/*").string(),
                                                   (project() / "source/*").string()}}}));
}

TEST(SourceFiles, AreScriptsByTheirNames)
{
    for (const auto* name : {"a.ts", "a.tsx", "a.mts", "a.cts", "a.js", "a.jsx", "a.mjs", "a.cjs"})
        EXPECT_TRUE(is_script(name)) << name;
    for (const auto* name : {"a.json", "a.sql", "ts", ".ts.bak"})
        EXPECT_FALSE(is_script(name)) << name;
}

TEST(SourceFiles, HaveTheNearestDirectoryAboveThemInCommon)
{
    EXPECT_EQ(common_root({"/p/a/x.ts", "/p/b/y.ts"}, "/p/a"), "/p");
    EXPECT_EQ(common_root({"/p/a/x.ts"}, "/p"), "/p");
    EXPECT_EQ(common_root({"/p/x.ts", "/packages/y.ts"}, "/p"), "/");
    EXPECT_TRUE(is_below("/p/a/x.ts", "/p"));
    EXPECT_FALSE(is_below("/packages/x.ts", "/p"));
}

} // namespace
} // namespace nimbus::frontends
