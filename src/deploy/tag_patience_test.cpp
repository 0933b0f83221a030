#include "deploy/tag_patience.h"
#include "deploy/test_kinds.h"
#include "deploy/world.h"

#include <gtest/gtest.h>

namespace nimbus::deploy {
namespace {

constexpr Backoff no_pauses{.first = std::chrono::milliseconds(0),
                            .longest = std::chrono::milliseconds(0)};

/// Looks at a thing whose tags show at the `shown`-th look.
class TagPatience : public testing::Test {
protected:
    /// How often it was looked, to the end.
    int looks(const std::string& target_name, int shown)
    {
        const Target target{.name = target_name, .client = client_, .region = "us-east-1"};
        const World world(testing_kinds::kinds(), target, {}, status_);
        int looked = 0;
        const auto look = [&] {
            if (++looked < shown)
                throw LostTags("no tags");
            return looked;
        };
        try {
            EXPECT_EQ(until_tags_show(world, look, no_pauses), shown);
        } catch (const LostTags&) {
            EXPECT_LT(looked, shown);
        }
        return looked;
    }

    Status status_;
    const aws::Client client_{std::make_shared<http::Client>(), aws::fixed_credentials({}), {}};
};

TEST_F(TagPatience, LooksAgainUntilAwsShowsTheTags)
{
    EXPECT_EQ(looks("aws", 1), 1);
    EXPECT_EQ(looks("aws", 3), 3);
    EXPECT_EQ(looks("aws", most_tag_looks), most_tag_looks);
}

TEST_F(TagPatience, EndsWithTheRefusalAfterAboutThreeSeconds)
{
    EXPECT_EQ(looks("aws", most_tag_looks + 1), most_tag_looks);
    std::chrono::milliseconds all{0};
    for (int failures = 1; failures < most_tag_looks; ++failures)
        all += tag_pauses.pause(failures);
    EXPECT_EQ(all, std::chrono::milliseconds(3'100));
}

TEST_F(TagPatience, IsNotNeededInTheLocalCloud)
{
    EXPECT_EQ(looks("local", 2), 1);
}

TEST_F(TagPatience, IsForLostTagsOnly)
{
    const Target target{.name = "aws", .client = client_, .region = "us-east-1"};
    const World world(testing_kinds::kinds(), target, {}, status_);
    int looked = 0;
    EXPECT_THROW(until_tags_show(world,
                                 [&]() -> int {
                                     ++looked;
                                     throw NotOurs("a stranger's");
                                 }),
                 NotOurs);
    EXPECT_EQ(looked, 1);
}

} // namespace
} // namespace nimbus::deploy
