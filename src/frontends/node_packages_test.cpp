#include "base/file.h"
#include "frontends/node_packages.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;

class NodePackages : public testing::Test {
protected:
    std::filesystem::path add(const std::string& name, const std::string& description = "{}")
    {
        const auto package = root() / name;
        make_directories(package);
        write_file(package / "package.json", description);
        return package;
    }

    std::filesystem::path root() const { return std::filesystem::canonical(directory_.path()); }

private:
    TemporaryDirectory directory_;
};

TEST_F(NodePackages, AreLookedForUpwards)
{
    const auto outer = add("node_modules/pg");
    const auto scoped = add("node_modules/@types/pg");
    make_directories(root() / "app" / "source");
    EXPECT_EQ(find_package(root() / "app" / "source", "pg"), outer);
    EXPECT_EQ(find_package(root() / "app", "@types/pg"), scoped);
    EXPECT_EQ(find_package(root() / "app", "mysql"), std::nullopt);

    const auto inner = add("app/node_modules/pg");
    EXPECT_EQ(find_package(root() / "app", "pg"), inner);
    EXPECT_EQ(find_package(inner, "@types/pg"), scoped);
}

TEST_F(NodePackages, AreWhereTheirLinksLead)
{
    const auto package = add("store/pg@8/node_modules/pg");
    const auto neighbour = add("store/pg@8/node_modules/pg-types");
    make_directories(root() / "node_modules");
    std::filesystem::create_directory_symlink(package, root() / "node_modules" / "pg");
    EXPECT_EQ(find_package(root(), "pg"), package);
    EXPECT_EQ(find_package(package, "pg-types"), neighbour);
}

TEST_F(NodePackages, OwnTheirFiles)
{
    EXPECT_EQ(package_of("/p/node_modules/pg/lib/index.js"),
              (InstalledPackage{"pg", "/p/node_modules/pg"}));
    EXPECT_EQ(package_of("/p/node_modules/a/node_modules/@b/c/index.js"),
              (InstalledPackage{"@b/c", "/p/node_modules/a/node_modules/@b/c"}));
    EXPECT_EQ(package_of("/p/src/index.js"), std::nullopt);
    EXPECT_EQ(package_of("/p/node_modules"), std::nullopt);
}

TEST_F(NodePackages, HaveNativePartsByTheirLook)
{
    EXPECT_FALSE(has_native_parts({"a", add("node_modules/a")}));
    EXPECT_TRUE(has_native_parts({"b", add("node_modules/b", R"({"gypfile": true})")}));
    const auto package = add("node_modules/c");
    write_file(package / "binding.gyp", "{}");
    EXPECT_TRUE(has_native_parts({"c", package}));
}

TEST_F(NodePackages, NeedWhatTheyDeclareAsFarAsItIsInstalled)
{
    const auto a = add("node_modules/a",
                       R"({"dependencies": {"b": "1"}, "optionalDependencies": {"x": "1"}})");
    const auto b = add("node_modules/b", R"({"dependencies": {"c": "1"}})");
    const auto c = add("node_modules/b/node_modules/c");
    EXPECT_THAT(dependencies_of({"a", a}), ElementsAre(InstalledPackage{"b", b}));
    EXPECT_THAT(dependencies_of({"b", b}), ElementsAre(InstalledPackage{"c", c}));
}

TEST_F(NodePackages, WorkWithPeersThatTheyDoNotDemand)
{
    const auto orm = add("node_modules/orm", R"({"peerDependencies": {"pg": "8"},
        "peerDependenciesMeta": {"pg": {"optional": true}, "mysql2": {"optional": true}}})");
    const auto pg = add("node_modules/pg");
    EXPECT_THAT(peers_of({"orm", orm}), ElementsAre(InstalledPackage{"pg", pg}));
}

TEST_F(NodePackages, AreNamedByTheBeginningOfASpecifier)
{
    EXPECT_EQ(package_in("pg"), "pg");
    EXPECT_EQ(package_in("pg/lib/client.js"), "pg");
    EXPECT_EQ(package_in("@scope/name/lib/a.js"), "@scope/name");
    for (const auto* none : {"./pg", "../pg", "/pg", "#internal", "@scope"})
        EXPECT_EQ(package_in(none), "") << none;
}

TEST_F(NodePackages, AreDeclaredInTheNearestDescription)
{
    add("app", R"({"dependencies": {"ejs": "3"}, "devDependencies": {"typescript": "7"}})");
    make_directories(root() / "app" / "source");
    const auto declared = dependencies_declared_for(root() / "app" / "source");
    EXPECT_THAT(declared.needed, ElementsAre("ejs"));
    EXPECT_THAT(declared.development_only, ElementsAre("typescript"));
}

} // namespace
} // namespace nimbus::frontends
