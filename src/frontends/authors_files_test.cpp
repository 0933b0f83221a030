#include "frontends/authors_files.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

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
