#include "frontends/own_place.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

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

TEST(WithOwnPlace, ASourceFindsItselfWhereItIsInTheProject)
{
    EXPECT_EQ(with_own_place("join(__dirname, 'a');", "src/pages.ts"),
              "var __dirname=nimbus_module.file(\"src\");join(__dirname, 'a');");
    EXPECT_EQ(with_own_place("new URL('a', import.meta.url)", "src/pages.ts"),
              "new URL('a', nimbus_module.at(\"src/pages.ts\"))");
}

TEST(WithOwnPlace, WhatASourceDeclaresItselfStays)
{
    const std::string_view text = "const __dirname = dirname(fileURLToPath(import.meta.url));";
    EXPECT_EQ(with_own_place(text, "src/a.ts"),
              "const __dirname = dirname(fileURLToPath(nimbus_module.at(\"src/a.ts\")));");
}

TEST(WithOwnPlace, LinesAndDirectivesStay)
{
    EXPECT_THAT(with_own_place("'use strict';\n__filename", "src/a.ts"),
                StartsWith("'use strict';var __filename=nimbus_module.file(\"src/a.ts\");\n"));
    EXPECT_THAT(with_own_place("#!/usr/bin/env node\n__filename", "src/a.ts"),
                StartsWith("#!/usr/bin/env node\nvar __filename="));
}

} // namespace
} // namespace nimbus::frontends
