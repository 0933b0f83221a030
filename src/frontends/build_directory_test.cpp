#include "base/file.h"
#include "frontends/build_directory.h"

#include <gmock/gmock.h>

#include <future>
#include <optional>

namespace nimbus::frontends {
namespace {

TEST(BuildDirectory, LiesInTheProjectOutOfGitsSight)
{
    const TemporaryDirectory project;
    const BuildDirectory place(project.path(), "key", {});
    EXPECT_TRUE(std::filesystem::is_directory(place.path()));
    EXPECT_EQ(place.path().parent_path(), project.path() / ".nimbus" / "build");
    EXPECT_EQ(read_file(project.path() / ".nimbus" / ".gitignore"), "*\n");
}

TEST(BuildDirectory, IsAnotherForAnotherKey)
{
    const TemporaryDirectory project;
    const auto path = [&](const char* key) {
        return BuildDirectory(project.path(), key, {}).path();
    };
    EXPECT_EQ(path("one"), path("one"));
    EXPECT_NE(path("one"), path("two"));
}

TEST(BuildDirectory, IsHeldTogetherWithTheOneBesideIt)
{
    const TemporaryDirectory project;
    std::optional<BuildDirectory> first(std::in_place, project.path(), "one", nullptr);
    std::optional<BuildDirectory> beside = first->beside("two");
    EXPECT_EQ(beside->path().parent_path(), first->path().parent_path());
    EXPECT_NE(beside->path(), first->path());
    first.reset();

    std::promise<void> waiting;
    auto other = std::async(std::launch::async, [&] {
        return BuildDirectory(project.path(), "two", [&](std::string_view) { waiting.set_value(); })
            .path();
    });
    waiting.get_future().get();
    const auto path = beside->path();
    beside.reset();
    EXPECT_EQ(other.get(), path);
}

TEST(BuildDirectory, IsHeldByOneAtATime)
{
    const TemporaryDirectory project;
    std::optional<BuildDirectory> first(std::in_place, project.path(), "key", nullptr);
    std::promise<std::string> waiting;
    auto second = std::async(std::launch::async, [&] {
        const BuildDirectory place(project.path(), "key", [&](std::string_view sentence) {
            waiting.set_value(std::string(sentence));
        });
        return place.path();
    });
    EXPECT_THAT(waiting.get_future().get(), testing::HasSubstr("Waiting for another build"));
    const auto path = first->path();
    first.reset();
    EXPECT_EQ(second.get(), path);
}

} // namespace
} // namespace nimbus::frontends
