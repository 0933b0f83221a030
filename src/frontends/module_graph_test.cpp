#include "base/file.h"
#include "base/text.h"
#include "frontends/module_graph.h"

#include <gmock/gmock.h>

#include <set>

namespace nimbus::frontends {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

/// Metafiles in lines of "<importer> <kind> <specifier> <target>"; a target that begins with esm:
/// is an ES module.
class PackagesOnDemand : public testing::Test {
protected:
    std::map<std::string, std::filesystem::path> packages(const std::string& lines)
    {
        std::map<std::string, std::string> modules{{"entry.cjs", ""}};
        std::set<std::string> esm;
        for (const auto line : split(lines, '\n')) {
            const auto words = split(trim(line), ' ');
            if (words.size() != 4)
                continue;
            std::string target(words[3]);
            if (target.starts_with("esm:")) {
                target = target.substr(4);
                esm.insert(target);
            }
            modules[target];
            auto& imports = modules[std::string(words[0])];
            imports += (imports.empty() ? "" : ", ") +
                       (R"({"path": ")" + target + R"(", "kind": ")" + std::string(words[1]) +
                        R"(", "original": ")" + std::string(words[2]) + R"("})");
        }
        std::string text;
        for (const auto& [name, imports] : modules)
            text += (text.empty() ? "" : ",\n") +
                    ('"' + name + R"(": {"format": ")" + (esm.contains(name) ? "esm" : "cjs") +
                     R"(", "imports": [)" + imports + "]}");
        write_file(directory.path() / "meta.json",
                   R"({"inputs": {)" + text + "}, \"outputs\": {}}");
        const auto graph = ModuleGraph::read(directory.path() / "meta.json", directory.path());
        return packages_on_demand(graph, directory.path() / "entry.cjs");
    }

    std::filesystem::path file(const std::string& name) const { return directory.path() / name; }

    TemporaryDirectory directory;
};

TEST_F(PackagesOnDemand, AreThoseThatAuthorsLoadWhereTheyNeedThem)
{
    EXPECT_THAT(packages(R"(
        entry.cjs require-call /p/index.ts index.ts
        index.ts require-call pg node_modules/pg/index.js
        index.ts dynamic-import @a/b esm:node_modules/@a/b/index.mjs
        index.ts import-statement uuid node_modules/uuid/index.js
        node_modules/pg/index.js require-call pg-types node_modules/pg-types/index.js)"),
                UnorderedElementsAre(Pair("pg", file("node_modules/pg/index.js")),
                                     Pair("@a/b", file("node_modules/@a/b/index.mjs"))));
}

TEST_F(PackagesOnDemand, ShareNoModuleWithTheRest)
{
    EXPECT_THAT(packages(R"(
        entry.cjs require-call /p/index.ts index.ts
        index.ts require-call a node_modules/a/index.js
        index.ts require-call b node_modules/b/index.js
        index.ts import-statement c node_modules/c/index.js
        node_modules/a/index.js require-call b node_modules/b/index.js
        node_modules/b/index.js require-call d node_modules/d/index.js
        node_modules/c/index.js require-call d node_modules/d/index.js)"),
                IsEmpty());
    EXPECT_THAT(packages(R"(
        entry.cjs require-call /p/index.ts index.ts
        index.ts require-call a node_modules/a/index.js
        index.ts import-statement a node_modules/a/index.js)"),
                IsEmpty());
    EXPECT_THAT(packages(R"(
        entry.cjs require-call /p/index.ts index.ts
        index.ts require-call a node_modules/a/index.js
        index.ts import-statement a/other node_modules/a/other.js)"),
                IsEmpty())
        << "the name would stand for both";
}

TEST_F(PackagesOnDemand, StandForOneFileEach)
{
    EXPECT_THAT(packages(R"(
        entry.cjs require-call /p/index.ts index.ts
        index.ts require-call a node_modules/a/index.cjs
        index.ts dynamic-import a esm:node_modules/a/index.mjs)"),
                IsEmpty());
    EXPECT_THAT(packages(R"(
        entry.cjs require-call /p/index.ts index.ts
        index.ts require-call a/lib/part node_modules/a/lib/part.js)"),
                IsEmpty());
}

TEST_F(PackagesOnDemand, KeepWhatImportMeansToEsModules)
{
    const std::string lines = R"(
        entry.cjs require-call /p/index.ts index.ts
        index.ts dynamic-import a esm:node_modules/a/index.mjs)";
    EXPECT_EQ(packages(lines).size(), 1u);
    write_file(file("package.json"), R"({"type": "module"})");
    EXPECT_THAT(packages(lines), IsEmpty());
}

TEST(CopiedFiles, AreAddonsThatEsbuildPutBesideTheBundle)
{
    const TemporaryDirectory directory;
    const auto metafile = directory.path() / "meta.json";
    write_file(metafile, R"({"inputs": {}, "outputs": {
        ".nimbus/bundle/a-23XXKU7B.node": {"inputs": {"../node_modules/fast/a.node": {}}},
        ".nimbus/bundle/index.js": {"inputs": {"index.ts": {}}},
        ".nimbus/bundle/index.js.map": {"inputs": {}}}})");
    EXPECT_THAT(copied_files(metafile, "/srv/app"),
                UnorderedElementsAre(Pair("a-23XXKU7B.node", "/srv/node_modules/fast/a.node")));
}

TEST(ExportsIn, AreThoseOfTheBundle)
{
    const TemporaryDirectory directory;
    const auto metafile = directory.path() / "exports.json";
    write_file(metafile, R"({"inputs": {}, "outputs": {
        "module.js.map": {"imports": [], "exports": [], "inputs": {}},
        "module.js": {"imports": [], "exports": ["count", "default"], "entryPoint": "esm/index.js"}}})");
    EXPECT_THAT(exports_in(metafile), UnorderedElementsAre("count", "default"));
}

} // namespace
} // namespace nimbus::frontends
