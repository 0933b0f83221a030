#include "base/encoding.h"
#include "base/error.h"
#include "frontends/decorator_metadata.h"
#include "frontends/test_project.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// With scripts for the shell in the place of compilers: the real ones are tests/e2e's.
class DecoratorMetadata : public testing::Test {
protected:
    DecoratorMetadata()
    {
        project.write("tsconfig.json", R"({"compilerOptions": {"emitDecoratorMetadata": true}})");
        project.write("index.ts", "");
        project.write("lib/a.ts", "");
        project.write("lib/b.js", "");
        project.write("node", "#!/bin/sh\nexec sh \"$@\"\n", 0755);
    }

    void install_typescript(const std::string& version, const std::string& script)
    {
        project.write("node_modules/typescript/package.json", R"({"version": ")" + version + "\"}");
        project.write("node_modules/typescript/bin/tsc", script);
    }

    std::map<std::filesystem::path, std::string> compile()
    {
        options.tool_output = [this](std::string_view text) { said += text; };
        return compile_decorators(
            {root() / "index.ts", options}, root() / "node",
            {root() / "index.ts", root() / "lib" / "a.ts", root() / "lib" / "b.js"}, place());
    }

    std::string failure()
    {
        try {
            compile();
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    std::filesystem::path root() const { return project.directory(); }
    std::filesystem::path place() const { return root() / ".nimbus"; }

    TestProject project;
    LoadOptions options;
    std::string said;
};

constexpr const char* compiles = "mkdir -p .nimbus/compiled/lib\n"
                                 "echo index >.nimbus/compiled/index.js\n"
                                 "echo a >.nimbus/compiled/lib/a.js\n"
                                 "cp \"$2\" asked.json\n";

TEST_F(DecoratorMetadata, IsMadeOfTypeScriptByTheAuthorsOwnCompiler)
{
    make_directories(place());
    install_typescript("5.5.2", compiles);
    EXPECT_THAT(compile(), ElementsAre(Pair(root() / "index.ts", "index\n"),
                                       Pair(root() / "lib/a.ts", "a\n")));
    const auto asked = read_file(root() / "asked.json");
    EXPECT_THAT(asked, HasSubstr("\"noCheck\":true"));
    EXPECT_THAT(asked, HasSubstr((root() / "tsconfig.json").string()));
}

TEST_F(DecoratorMetadata, HasMapsThatNameTheSourceAsBesideIt)
{
    make_directories(place());
    const std::string mark = "//# sourceMappingURL=data:application/json;base64,";
    install_typescript("5.5.2", std::string(compiles) + "printf '%s' 'a()\n" + mark +
                                    base64_encode(R"({"sources":["../../../lib/a.ts"]})") +
                                    "' >.nimbus/compiled/lib/a.js\n");
    EXPECT_EQ(compile().at(root() / "lib/a.ts"),
              "a()\n" + mark + base64_encode(R"({"sources":["a.ts"]})"));
}

TEST_F(DecoratorMetadata, IsMadeOnlyWhereItIsAskedFor)
{
    project.write("tsconfig.json", "{}");
    EXPECT_THAT(compile(), IsEmpty());
}

TEST_F(DecoratorMetadata, NeedsACompilerThatMakesIt)
{
    make_directories(place());
    EXPECT_THAT(failure(), HasSubstr("neither typescript nor @swc/core is installed"));
    install_typescript("5.4.5", compiles);
    EXPECT_THAT(failure(), HasSubstr("the installed typescript is older than 5.5"));
}

TEST_F(DecoratorMetadata, ShowsWhatACompilerSaysThatMakesNothing)
{
    make_directories(place());
    install_typescript("7.0.0", "echo 'index.ts(1,1): error TS1005'\n");
    EXPECT_THAT(failure(), HasSubstr("index.ts could not be compiled with the metadata"));
    EXPECT_EQ(said, "index.ts(1,1): error TS1005\n");
}

} // namespace
} // namespace nimbus::frontends
