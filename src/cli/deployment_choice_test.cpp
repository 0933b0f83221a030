#include "base/error.h"
#include "cli/deployment_choice.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using deploy::DeploymentId;

DeploymentId shop_in(const std::string& region, const std::string& stage = "dev")
{
    return {.project = "shop", .stage = stage, .region = region};
}

const DeploymentId blog{.project = "blog", .stage = "dev", .region = "us-east-1"};
const DeploymentId wanted_shop{.project = "shop", .stage = "dev", .region = {}};

TEST(DeploymentChoice, TakesTheOnlyOneOfThatNameInWhicheverRegionItIs)
{
    EXPECT_EQ(
        only_match({blog, shop_in("eu-central-1"), shop_in("us-east-1", "prod")}, wanted_shop),
        shop_in("eu-central-1"));
}

TEST(DeploymentChoice, TakesTheOnlyOneThereIsWhenNothingIsNamed)
{
    EXPECT_EQ(only_match({blog}, {}), blog);
}

TEST(DeploymentChoice, HasNothingWhereNoneFits)
{
    EXPECT_EQ(only_match({blog}, wanted_shop), std::nullopt);
    EXPECT_EQ(only_match({}, {}), std::nullopt);
}

TEST(DeploymentChoice, ListsTheRegionsOfSeveralAndAsksForOne)
{
    try {
        only_match({blog, shop_in("eu-central-1"), shop_in("us-east-1")}, wanted_shop);
        FAIL();
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(), "There are several deployments:\n"
                                   "  shop (stage dev, eu-central-1)\n"
                                   "  shop (stage dev, us-east-1)");
        EXPECT_EQ(error.hint(), "Select one with --region.");
    }
}

} // namespace
} // namespace nimbus::cli
