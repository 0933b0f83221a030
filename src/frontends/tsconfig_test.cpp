#include "base/error.h"
#include "base/file.h"
#include "frontends/tsconfig.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TsConfigFiles : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) const
    {
        make_directories((root() / name).parent_path());
        write_file(root() / name, text);
    }

    TsConfig config(const std::string& source = "index.ts") const
    {
        return tsconfig_for(root() / source).value();
    }

    std::string refusal(const std::string& options, bool has_jsx = false) const
    {
        write("tsconfig.json", R"({"compilerOptions": )" + options + "}");
        try {
            require_bundleable(config(), has_jsx, root());
        } catch (const Error& error) {
            return error.what() + ('\n' + error.hint());
        }
        return "";
    }

    std::filesystem::path root() const { return std::filesystem::canonical(directory_.path()); }

private:
    TemporaryDirectory directory_;
};

TEST_F(TsConfigFiles, AreTheNearestOnes)
{
    EXPECT_FALSE(tsconfig_for(root() / "index.ts"));
    write("tsconfig.json", R"({"compilerOptions": {"strict": true}})");
    write("lib/tsconfig.json", R"({"compilerOptions": {"strict": false}})");
    EXPECT_TRUE(config().asks_for("strict"));
    EXPECT_TRUE(config("source/deep/a.ts").asks_for("strict"));
    EXPECT_FALSE(config("lib/a.ts").asks_for("strict"));
}

TEST_F(TsConfigFiles, HaveCommentsAndTrailingCommas)
{
    write("tsconfig.json", "{ // as tsc --init writes it\n\"compilerOptions\": {\n/* 1 */ "
                           "\"emitDecoratorMetadata\": true,\n},\n}");
    EXPECT_TRUE(config().asks_for("emitDecoratorMetadata"));
}

TEST_F(TsConfigFiles, ExtendOthersThatAreFilesOrOfPackages)
{
    write("tsconfig.json", R"({"extends": ["@scope/base", "./config/own"],
                               "compilerOptions": {"target": "es2022"}})");
    write("node_modules/@scope/base/tsconfig.json",
          R"({"compilerOptions": {"target": "es5", "strict": true, "jsx": "react"}})");
    write("config/own.json", R"({"compilerOptions": {"strict": false}})");
    const auto found = config();
    EXPECT_EQ(string_or_empty(found.options, "target"), "es2022");
    EXPECT_EQ(string_or_empty(found.options, "jsx"), "react");
    EXPECT_FALSE(found.asks_for("strict"));
    EXPECT_THAT(found.files, ElementsAre(root() / "tsconfig.json",
                                         root() / "node_modules/@scope/base/tsconfig.json",
                                         root() / "config/own.json"));
}

TEST_F(TsConfigFiles, HaveConditionsForExportsOfPackages)
{
    write("base.json", R"({"compilerOptions": {"customConditions": ["development", "source"]}})");
    write("tsconfig.json", R"({"extends": "./base.json"})");
    EXPECT_THAT(config().custom_conditions(), ElementsAre("development", "source"));
    write("tsconfig.json", "{}");
    EXPECT_THAT(config().custom_conditions(), testing::IsEmpty());
}

TEST_F(TsConfigFiles, MayExtendThemselvesOrNothingOrBeNoJson)
{
    write("tsconfig.json",
          R"({"extends": "./tsconfig.json", "compilerOptions": {"strict": true}})");
    EXPECT_TRUE(config().asks_for("strict"));
    write("tsconfig.json", R"({"extends": ["./absent", "absent", 1, ""]})");
    EXPECT_TRUE(config().options.empty());
    write("tsconfig.json", "{");
    EXPECT_TRUE(config().options.empty());
}

TEST_F(TsConfigFiles, MeanPathsFromWhereTheyAre)
{
    write("app/tsconfig.json", R"({"extends": "../base.json"})");
    write("base.json", R"({"compilerOptions": {"baseUrl": "lib", "paths": {"@/*": ["./src/*"]}}})");
    const auto found = config("app/index.ts");
    EXPECT_EQ(string_or_empty(found.options, "baseUrl"), (root() / "lib").string());
    EXPECT_EQ(compact_json(*object_member(found.options, "paths")),
              "{\"@/*\":[\"" + (root() / "lib/src/*").string() + "\"]}");
}

TEST_F(TsConfigFiles, AreRefusedForOptionsThatNoBundleCanHonour)
{
    EXPECT_EQ(refusal(R"({"target": "es2022", "plugins": [{"name": "for-editors"}]})"), "");
    EXPECT_THAT(refusal(R"({"plugins": [{"transform": "typia/lib/transform"}]})"),
                HasSubstr("tsconfig.json has the code changed by the plugin typia/lib/transform"));
    EXPECT_EQ(refusal(R"({"moduleSuffixes": [""]})"), "");
    EXPECT_THAT(refusal(R"({"moduleSuffixes": [".node", ""]})"), HasSubstr("moduleSuffixes"));
}

TEST_F(TsConfigFiles, MayNotLeaveJsxToOthersWhereThereIsSome)
{
    EXPECT_EQ(refusal(R"({"jsx": "preserve"})"), "");
    EXPECT_EQ(refusal(R"({"jsx": "react-jsx"})", true), "");
    EXPECT_THAT(refusal(R"({"jsx": "preserve"})", true), HasSubstr("Set \"jsx\": \"react-jsx\""));
}

} // namespace
} // namespace nimbus::frontends
