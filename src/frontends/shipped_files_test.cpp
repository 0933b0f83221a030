#include "base/error.h"
#include "base/file.h"
#include "frontends/shipped_files.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class ShippedFilesOf : public testing::Test {
protected:
    ShippedFilesOf()
    {
        for (const auto* name :
             {"main.cpp", "public/page.html", "public/css/a.css", "public/css/b.css",
              "public/.hidden", "public/node_modules/x/index.js", "data/words.txt", ".env"})
            write(name, name);
    }

    void write(const std::string& name, const std::string& content) const
    {
        make_directories((project() / name).parent_path());
        write_file(project() / name, content);
    }

    void link(const std::string& target, const std::string& name) const
    {
        std::filesystem::create_symlink(target, project() / name);
    }

    std::vector<std::string> names(const std::vector<std::string>& patterns) const
    {
        std::vector<std::string> names;
        for (const auto& file : shipped_files(patterns, project(), "main.cpp").files)
            names.push_back(file.name);
        return names;
    }

    std::string refusal(const std::vector<std::string>& patterns) const
    {
        try {
            names(patterns);
        } catch (const Error& error) {
            return error.what() + ('\n' + error.hint());
        }
        return "";
    }

    std::filesystem::path project() const { return directory_.path() / "project"; }

private:
    TemporaryDirectory directory_;
};

TEST_F(ShippedFilesOf, PatternsAreFoundInTheProject)
{
    EXPECT_THAT(names({"public/**"}),
                ElementsAre("public/css/a.css", "public/css/b.css", "public/page.html"));
    EXPECT_EQ(names({"public"}), names({"public/**"}));
    EXPECT_THAT(names({"public/*"}),
                ElementsAre("public/css/a.css", "public/css/b.css", "public/page.html"));
    EXPECT_THAT(names({"**/*.css", "data/words.txt"}),
                ElementsAre("data/words.txt", "public/css/a.css", "public/css/b.css"));
    EXPECT_THAT(names({"public/css/?.css", "**/a.css"}),
                ElementsAre("public/css/a.css", "public/css/b.css"));
}

TEST_F(ShippedFilesOf, WhatIsHiddenIsShippedWhereItIsNamed)
{
    EXPECT_THAT(names({"public/.hidden"}), ElementsAre("public/.hidden"));
    EXPECT_THAT(names({"**"}), testing::Not(testing::Contains(".env")));
}

TEST_F(ShippedFilesOf, PatternsThatNothingFitsAreRefused)
{
    EXPECT_THAT(refusal({"public/**", "assets/**"}),
                HasSubstr("main.cpp names the files assets/**, and there is none in"));
    EXPECT_THAT(refusal({"data/words.txt/**"}), HasSubstr("there is none"));
}

TEST_F(ShippedFilesOf, LinksMayLeadToFilesOfTheProjectOnly)
{
    link("../data/words.txt", "public/words.txt");
    EXPECT_THAT(names({"public/words.txt"}), ElementsAre("public/words.txt"));
    link("/etc/passwd", "public/users");
    EXPECT_THAT(refusal({"public/**"}),
                HasSubstr("public/users, which main.cpp ships, is a symbolic link out of the "
                          "application's directory, to /etc/passwd"));
    link(".", "data/loop");
    EXPECT_THAT(refusal({"data/**"}), HasSubstr("data/loop, which main.cpp ships, is a symbolic "
                                                "link to a directory"));
    link("absent", "public/css/dangling");
    EXPECT_THAT(refusal({"public/css/*"}), HasSubstr("leads nowhere"));
}

TEST_F(ShippedFilesOf, NewFilesAreLookedForWhereOthersWereFound)
{
    EXPECT_THAT(shipped_files({"public/**"}, project(), "main.cpp").directories,
                UnorderedElementsAre(project(), project() / "public", project() / "public/css"));
}

TEST_F(ShippedFilesOf, NamesBelongToOneFileOnly)
{
    const std::vector<PackageFile> made{{"index.js", "/build/index.js"}};
    const std::vector<PackageFile> more{{"a.txt", "/p/a.txt"}};
    EXPECT_EQ(joined_files(joined_files(made, more, "index.ts"), more, "index.ts").size(), 2u);
    EXPECT_THROW(joined_files(made, {{"index.js", "/p/index.js"}}, "index.ts"), Error);
}

TEST_F(ShippedFilesOf, TogetherMustFitIntoLambda)
{
    write("data/film", "");
    std::filesystem::resize_file(project() / "data/film", 260ull * 1024 * 1024);
    const auto files = shipped_files({"data/**"}, project(), "main.cpp").files;
    try {
        require_fits_lambda(files, "main.cpp");
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "The files of main.cpp are 260 MB, and Lambda unpacks at most "
                                   "250 MB: data/film alone has 260 MB");
    }
    require_fits_lambda({files.back()}, "main.cpp");
}

} // namespace
} // namespace nimbus::frontends
