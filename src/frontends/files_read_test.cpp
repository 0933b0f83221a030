#include "base/file.h"
#include "frontends/files_read.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class FilesReadBySources : public testing::Test {
protected:
    FilesReadBySources()
    {
        for (const auto* name : {"pages/home.html", "pages/deep/about.html", "lib/words.txt"})
            write(name, name);
        write_file(directory_.path() / "outside.txt", "");
    }

    void write(const std::string& name, const std::string& text) const
    {
        make_directories((project() / name).parent_path());
        write_file(project() / name, text);
    }

    /// Of a source with this text.
    FilesRead read(const std::string& text, const std::string& source = "index.ts") const
    {
        write(source, text);
        return files_read_by({project() / source}, project(), "index.ts");
    }

    static std::vector<std::string> names(const FilesRead& read)
    {
        std::vector<std::string> names;
        for (const auto& file : read.shipped.files)
            names.push_back(file.name);
        return names;
    }

    std::filesystem::path project() const { return directory_.path() / "project"; }

private:
    TemporaryDirectory directory_;
};

TEST_F(FilesReadBySources, AreShipped)
{
    const auto found = read("readFileSync(path.join(__dirname, 'pages', 'home.html'));");
    EXPECT_THAT(names(found), ElementsAre("pages/home.html"));
    EXPECT_THAT(found.warnings, IsEmpty());
}

TEST_F(FilesReadBySources, AreMeantFromWhereTheSourceIs)
{
    EXPECT_THAT(names(read("new URL('./words.txt', import.meta.url)", "lib/a.ts")),
                ElementsAre("lib/words.txt"));
    EXPECT_THAT(names(read("join(__dirname, '../pages/home.html')", "lib/a.ts")),
                ElementsAre("pages/home.html"));
}

TEST_F(FilesReadBySources, AreAllOfADirectoryButSources)
{
    EXPECT_THAT(names(read("join(__dirname, 'pages', name)")),
                UnorderedElementsAre("pages/home.html", "pages/deep/about.html"));
    EXPECT_THAT(
        names(read("new URL('./', import.meta.url); join(__dirname, '../lib')", "lib/a.ts")),
        ElementsAre("lib/words.txt"));
}

TEST_F(FilesReadBySources, AreWarnedOfWhereTheyCannotBeShipped)
{
    const auto warning = [&](const std::string& text) {
        const auto found = read("\n" + text);
        EXPECT_THAT(names(found), IsEmpty());
        return found.warnings.empty() ? "" : found.warnings.front();
    };
    EXPECT_EQ(warning("join(__dirname, 'none.txt')"),
              "index.ts:2: none.txt is not there, and is not shipped.");
    EXPECT_THAT(
        warning("join(__dirname, '../outside.txt')"),
        HasSubstr("index.ts:2: ../outside.txt lies outside of the application's directory"));
    EXPECT_THAT(warning("join(__dirname, name)"), HasSubstr("is known only when it runs"));
    EXPECT_THAT(warning("require(`./parts/${name}`)"), HasSubstr("index.ts:2: a bundle knows"));
}

TEST_F(FilesReadBySources, AreShippedWithPackagesAtTheirOwnPlaces)
{
    const std::string package = "node_modules/pages/";
    write(package + "lib/index.js", "join(__dirname, '../home.html'); join(__dirname, 'deep');"
                                    "join(__dirname, '../../other/a'); join(__dirname, '..');"
                                    "join(__dirname, 'none.html')");
    write(package + "lib/silent.js", "");
    write(package + "home.html", "");
    write(package + "lib/deep/about.html", "");
    write("node_modules/other/a", "");
    write("node_modules/other/index.js", "join(__dirname, 'a')");
    std::string inputs;
    for (const auto& file : {package + "lib/index.js", package + "lib/silent.js",
                             std::string("node_modules/other/index.js")})
        inputs += (inputs.empty() ? "\"" : ", \"") + file + "\": {}";
    write("meta.json", "{\"inputs\": {" + inputs + "}}");
    const auto graph = ModuleGraph::read(project() / "meta.json", project());
    const auto found =
        files_read_by_packages(graph, {{"other", project() / "node_modules" / "other"}}, project());
    EXPECT_THAT(found.modules, ElementsAre(project() / package / "lib/index.js"));
    EXPECT_THAT(found.files,
                ElementsAre(Pair(package + "home.html", project() / package / "home.html"),
                            Pair(package + "lib/deep/about.html",
                                 project() / package / "lib/deep/about.html")));
}

TEST_F(FilesReadBySources, AreNotThoseOfOtherFiles)
{
    EXPECT_THAT(names(read("join(__dirname, 'pages/home.html')", "notes.txt")), IsEmpty());
}

} // namespace
} // namespace nimbus::frontends
