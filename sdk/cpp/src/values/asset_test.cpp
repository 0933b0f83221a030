#include "base/file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nimbus/asset.hpp>

namespace nimbus {
namespace {

class Asset : public testing::Test {
protected:
    Asset() : before_(std::filesystem::current_path())
    {
        make_directories(directory.path() / "public");
        write_file(directory.path() / "public" / "page.html", std::string("<p>\0</p>\n", 9));
    }
    ~Asset() override
    {
        ::unsetenv("LAMBDA_TASK_ROOT");
        std::filesystem::current_path(before_);
    }

    static std::string refusal(std::string_view path)
    {
        try {
            asset(path);
        } catch (const asset_error& error) {
            return error.what();
        }
        return "";
    }

    TemporaryDirectory directory;

private:
    std::filesystem::path before_;
};

TEST_F(Asset, IsReadWhereLambdaUnpacksTheCode)
{
    ::setenv("LAMBDA_TASK_ROOT", directory.path().c_str(), 1);
    EXPECT_EQ(asset("public/page.html"), std::string("<p>\0</p>\n", 9));
}

TEST_F(Asset, IsReadInATestFromTheProjectAroundIt)
{
    make_directories(directory.path() / "build" / "tests");
    std::filesystem::current_path(directory.path() / "build" / "tests");
    EXPECT_EQ(asset("public/page.html").size(), 9u);
}

TEST_F(Asset, ThatIsNotThereSaysWhatToDo)
{
    ::setenv("LAMBDA_TASK_ROOT", directory.path().c_str(), 1);
    EXPECT_EQ(refusal("public/other.html"), "There is no file public/other.html with this program: "
                                            "name it in app_options::files");
    EXPECT_NE(refusal("public"), "") << "a directory";
}

TEST_F(Asset, CannotBeOutsideOfTheApplication)
{
    ::setenv("LAMBDA_TASK_ROOT", directory.path().c_str(), 1);
    for (const auto* path : {"", "/etc/passwd", "../a", "public/../../a"})
        EXPECT_NE(refusal(path).find("below the application's directory"), std::string::npos)
            << path;
}

} // namespace
} // namespace nimbus
