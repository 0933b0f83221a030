#include "frontends/module_text.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

TEST(ModuleText, TellsTheLineOfTheFirstLoadByAComputedName)
{
    EXPECT_EQ(traits_of("const a = require('a');\nconst b = require(name);\n").computed_load, 2);
    EXPECT_EQ(traits_of("await import( driver + '/x' )").computed_load, 1);
    EXPECT_EQ(traits_of("require(`${dialect}/index.js`)").computed_load, 1);
}

TEST(ModuleText, KnowsLoadsThatABundlerFollows)
{
    for (const auto* text :
         {"require('pg')", "import(\"pg\")", "require(`./dialects/${name}/index.js`)",
          "__webpack_require__(id)", "loader.require(name)", "// require(name)", " * require(name)",
          "typeof require", "require()"})
        EXPECT_EQ(traits_of(text).computed_load, 0) << text;
}

TEST(ModuleText, TellsLoadsOfFilesBesideItWithoutTheirExtension)
{
    for (const auto* text : {"require(`./parts/${name}`)", "x = require('../parts/' + name);",
                             "require(\"./\" + names[0])"})
        EXPECT_EQ(traits_of(text).load_without_extension, 1) << text;
    for (const auto* text :
         {"require(`./parts/${name}.js`)", "require('./parts/' + name + '.js')", "require('./a')",
          "require(`${name}`)", "import(`./parts/${name}`)", "require('parts/' + name)"})
        EXPECT_EQ(traits_of(text).load_without_extension, 0) << text;
}

TEST(ModuleText, KnowsThoseThatStartWorkersAndAskWhereTheyAre)
{
    const auto stream = traits_of("const { Worker } = require('worker_threads')\n"
                                  "new Worker(join(__dirname, 'lib', 'worker.js'))\n");
    EXPECT_TRUE(stream.starts_workers);
    EXPECT_TRUE(stream.asks_its_place);
    EXPECT_TRUE(traits_of("require('child_process').fork(file)").starts_workers);
    const auto none = traits_of("require('child_process').execSync('ls')");
    EXPECT_FALSE(none.starts_workers);
    EXPECT_FALSE(none.asks_its_place);
}

} // namespace
} // namespace nimbus::frontends
