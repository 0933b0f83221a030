#include "frontends/own_place.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "line:path", with … where more is added.
std::vector<std::string> reads(std::string_view text)
{
    std::vector<std::string> found;
    for (const auto& read : place_reads(text))
        found.push_back(std::to_string(read.line) + ':' + read.path + (read.is_whole ? "" : "…"));
    return found;
}

TEST(PlaceReads, ArePathsThatBeginWithTheSourcesOwnPlace)
{
    EXPECT_THAT(reads("a;\nreadFileSync(path.join(__dirname, 'page.html'))"),
                ElementsAre("2:page.html"));
    EXPECT_THAT(reads("resolve( __dirname , \"..\", `views`, )"), ElementsAre("1:../views"));
    EXPECT_THAT(reads("join(import.meta.dirname, 'a', 'b.txt')"), ElementsAre("1:a/b.txt"));
    EXPECT_THAT(reads("new URL('./a.wasm', import.meta.url)"), ElementsAre("1:./a.wasm"));
    EXPECT_THAT(reads("__dirname + '/a.txt'; `${__dirname}/b.txt`"),
                ElementsAre("1:a.txt", "1:b.txt"));
}

TEST(PlaceReads, BeginWithVariablesThatAreTheDirectory)
{
    for (const auto* declaration :
         {"const dir = path.dirname(fileURLToPath(import.meta.url));\n",
          "let dir: string = dirname( url.fileURLToPath(import.meta.url) )\n",
          "var dir = __dirname, b;", "const dir = path.dirname(__filename);",
          "const dir = import.meta.dirname;"})
        EXPECT_THAT(reads(std::string(declaration) + "join(dir, 'p.txt');"),
                    ElementsAre(testing::EndsWith(":p.txt")))
            << declaration;
    for (const auto* declaration : {"const dir = fileURLToPath(import.meta.url);",
                                    "const dir = dirname(dirname(__filename));",
                                    "const dir = f(__dirname);", "dir = __dirname;"})
        EXPECT_THAT(reads(std::string(declaration) + "join(dir, 'p.txt');"), IsEmpty())
            << declaration;
}

TEST(PlaceReads, OfUrlsAreDecoded)
{
    EXPECT_THAT(reads("new URL('./p%20q.txt?raw#x', import.meta.url)"), ElementsAre("1:./p q.txt"));
}

TEST(PlaceReads, AreLoadsByFunctionsThatWereMadeForThePlace)
{
    const auto* text = "const require = createRequire(import.meta.url);\n"
                       "require('./data.json'); require('counter/x'); require(name);\n"
                       "module.createRequire(__filename).resolve('../b.json');\n"
                       "createRequire(other)('./c.json');";
    EXPECT_THAT(reads(text), ElementsAre("2:./data.json", "3:../b.json"));
    EXPECT_THAT(packages_required_from_place(text), ElementsAre("counter"));
}

TEST(PlaceReads, EndWhereTheyAreLiteralNoMore)
{
    EXPECT_THAT(reads("join(__dirname, 'views', name)"), ElementsAre("1:views…"));
    EXPECT_THAT(reads("join(__dirname, name)"), ElementsAre("1:…"));
    EXPECT_THAT(reads("`${__dirname}/views/${name}`"), ElementsAre("1:views/…"));
    EXPECT_THAT(reads("__dirname + '/views/' + name"), ElementsAre("1:views/…"));
}

TEST(PlaceReads, AreNothingElseThatHasTheWords)
{
    for (const auto* text :
         {"console.log(__dirname)", "new URL('https://a.example/b', import.meta.url)",
          "new URL(name, import.meta.url)", "my__dirname + '/a'", "new URL('./a', base)",
          "join(__dirname", "join(__dirname, 'a", "`${__dirname}/"})
        EXPECT_THAT(reads(text), testing::AnyOf(IsEmpty(), ElementsAre("1:…"))) << text;
}

TEST(WithOwnPlace, ASourceStaysAsItIsAndIsFollowedByItsPlace)
{
    EXPECT_EQ(with_own_place("'use strict';\nf('__dirname', import.meta.url);", "src/a.ts"),
              "'use strict';\nf('__dirname', import.meta.url);\n"
              "function*nimbus_own_place(){yield\"src/a.ts\"}\n");
}

TEST(WithOwnPlace, ASourceIsToldItWhenItAsksInAnyWay)
{
    for (const auto* text : {"__dirname", "`${__filename}`", "const { url } = import.meta;"})
        EXPECT_TRUE(asks_its_place(text)) << text;
    EXPECT_FALSE(asks_its_place("import { meta } from 'dirname';"));
}

TEST(PathInArchive, IsThatInTheProject)
{
    EXPECT_EQ(path_in_archive("/p/src/a.ts", "/p"), "src/a.ts");
    EXPECT_EQ(path_in_archive("/p/a.ts", "/p"), "a.ts");
    EXPECT_EQ(path_in_archive("/shared/a.ts", "/p"), std::nullopt);
}

TEST(PathInArchive, OfAPackageIsBelowNodeModules)
{
    EXPECT_EQ(path_in_archive("/p/node_modules/a/b.js", "/p"), "node_modules/a/b.js");
    EXPECT_EQ(path_in_archive("/node_modules/a/node_modules/@s/c/d.js", "/p"),
              "node_modules/a/node_modules/@s/c/d.js");
    EXPECT_EQ(path_in_archive("/p/lib/node_modules/a/b.js", "/p"), "lib/node_modules/a/b.js");
}

} // namespace
} // namespace nimbus::frontends
