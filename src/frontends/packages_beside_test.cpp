#include "base/file.h"
#include "base/text.h"
#include "frontends/packages_beside.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace nimbus::frontends {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

/// A project with packages, and bundles of it: "index.ts a b" imports the packages' index.js.
class PackagesBeside : public testing::Test {
protected:
    PackagesBeside() { install("typescript"); }

    void install(const std::string& name, const std::string& description = "{}",
                 const std::string& text = "")
    {
        write("node_modules/" + name + "/package.json", description);
        write("node_modules/" + name + "/index.js", text);
    }

    void write(const std::string& name, const std::string& text) const
    {
        make_directories((project() / name).parent_path());
        write_file(project() / name, text);
    }

    /// `imports`: by package, or by "" for the author's file, which packages it imports.
    ModuleGraph bundle(const std::map<std::string, std::vector<std::string>>& imports) const
    {
        std::set<std::string> names;
        for (const auto& [from, targets] : imports) {
            names.insert(from);
            names.insert(targets.begin(), targets.end());
        }
        const auto module = [](const std::string& name) {
            return name.empty() ? "index.ts" : "node_modules/" + name + "/index.js";
        };
        std::vector<std::string> modules;
        for (const auto& name : names) {
            std::vector<std::string> list;
            if (const auto found = imports.find(name); found != imports.end())
                for (const auto& target : found->second)
                    list.push_back(R"({"path": ")" + module(target) +
                                   R"(", "kind": "require-call", "original": ")" + target + "\"}");
            modules.push_back('"' + module(name) + R"(": {"imports": [)" + join(list, ",") + "]}");
        }
        write_file(project() / "meta.json", R"({"inputs": {)" + join(modules, ",") + "}}");
        return ModuleGraph::read(project() / "meta.json", project());
    }

    std::vector<std::string> beside(const ModuleGraph& graph) const
    {
        std::vector<std::string> names;
        for (const auto& package : packages_beside(graph, project()))
            names.push_back(package.name);
        return names;
    }

    InstalledPackage package(const std::string& name) const
    {
        return {name, project() / "node_modules" / name};
    }

    std::filesystem::path project() const { return std::filesystem::canonical(directory_.path()); }

private:
    TemporaryDirectory directory_;
};

TEST_F(PackagesBeside, AreNoneOfThoseThatABundleCanHold)
{
    install("plain", R"({"peerDependencies": {"typescript": "7"}})", "exports.a = __dirname;");
    EXPECT_THAT(beside(bundle({{"", {"plain"}}})), IsEmpty());
}

TEST_F(PackagesBeside, AreThoseThatStartWorkersAndThoseThatUseThemWithFilesOfTheirOwn)
{
    install("threads", "{}", "require('worker_threads'); new Worker(__dirname + '/worker.js')");
    install("logger", "{}", "require('threads')(__dirname + '/worker.js')");
    install("framework", "{}", "require('logger')");
    EXPECT_THAT(
        beside(bundle({{"", {"framework"}}, {"framework", {"logger"}}, {"logger", {"threads"}}})),
        ElementsAre("threads", "logger"));
}

TEST_F(PackagesBeside, AreDriversThatAPackageLoadsByAComputedName)
{
    install("orm", R"({"peerDependenciesMeta": {"pg": {"optional": true}, "mysql2": {}}})",
            "exports.connect = (name) => require(name);");
    install("pg");
    EXPECT_THAT(beside(bundle({{"", {"orm"}}})), ElementsAre("pg"));
    // Also where the author's own import has it in the bundle, which require(name) does not find.
    EXPECT_THAT(beside(bundle({{"", {"orm", "pg"}}})), ElementsAre("pg"));
}

TEST_F(PackagesBeside, AreNoPeersThatABundlerSeesOrThatAreForDevelopment)
{
    install("orm", R"({"peerDependencies": {"pg": "8", "typescript": "7"}})",
            "require(name); require('pg')");
    install("pg");
    write("package.json", R"({"devDependencies": {"typescript": "7"}})");
    EXPECT_THAT(beside(bundle({{"", {"orm"}}, {"orm", {"pg"}}})), IsEmpty());
}

TEST_F(PackagesBeside, ComeWithWhatTheyNeedInTheVersionsThatTheyNeed)
{
    install("a", R"({"dependencies": {"lib": "1", "b": "1"}})");
    install("b", R"({"dependencies": {"lib": "2"}})");
    install("lib");
    write("node_modules/b/node_modules/lib/package.json", R"({"dependencies": {"deep": "1"}})");
    write("node_modules/b/node_modules/lib/two.js", "");
    write("node_modules/b/node_modules/lib/node_modules/deep/package.json", "{}");
    std::vector<std::string> names;
    for (const auto& file : files_of({package("a")}))
        names.push_back(file.name);
    EXPECT_THAT(names,
                IsSupersetOf({"node_modules/a/index.js", "node_modules/b/index.js",
                              "node_modules/lib/index.js", "node_modules/b/node_modules/lib/two.js",
                              "node_modules/deep/package.json"}));
    EXPECT_THAT(names, Not(Contains("node_modules/lib/two.js")));
}

TEST_F(PackagesBeside, AreAskedForWhereADependencyMayBeMeant)
{
    install("views", "{}", "exports.render = (engine) => {\n  require(engine);\n}");
    install("ejs");
    install("@types/ejs");
    write("package.json",
          R"({"dependencies": {"views": "1", "ejs": "3", "@types/ejs": "3", "absent": "1"}})");
    const auto graph = bundle({{"", {"views"}}});
    EXPECT_THAT(
        warnings_of_loads(graph, {}, project()),
        ElementsAre("node_modules/views/index.js:2: the package views loads others by names "
                    "that it makes when it runs. These dependencies are not in the bundle: "
                    "ejs. If views loads one of them, name it: "
                    "new Nimbus({ external: ['ejs'] })."));
    EXPECT_THAT(warnings_of_loads(graph, {package("ejs")}, project()), IsEmpty());
    EXPECT_THAT(warnings_of_loads(bundle({{"", {"ejs"}}}), {}, project()), IsEmpty());
}

} // namespace
} // namespace nimbus::frontends
