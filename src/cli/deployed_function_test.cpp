#include "base/error.h"
#include "cli/deployed_function.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

deploy::Outputs shop()
{
    deploy::Outputs outputs{
        .deployment = {.project = "shop", .stage = "dev", .region = "us-east-1"}, .items = {}};
    for (const std::string name : {"get-users", "cleanup"})
        outputs.items.push_back(
            {.kind = deploy::function::kind_name,
             .name = name,
             .id = {},
             .members = described::to_json(deploy::function::FunctionOutput{
                 .name = name, .arn = "arn:aws:lambda:us-east-1:1:function:shop-dev-" + name})});
    return outputs;
}

TEST(DeployedFunction, HasTheProgramsNameAndAwss)
{
    EXPECT_EQ(deployed_function(shop(), "cleanup").name, "cleanup");
    EXPECT_EQ(deployed_function(shop(), "shop-dev-get-users").name, "get-users");
}

TEST(DeployedFunction, ThatIsUnknownIsToldFromThoseThatThereAre)
{
    try {
        deployed_function(shop(), "cleanpu");
        FAIL() << "no exception";
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(),
                     "There is no function 'cleanpu' in shop; did you mean \"cleanup\"?");
        EXPECT_EQ(error.hint(), "Its functions are: get-users, cleanup.");
    }
}

TEST(DeployedFunction, ThatIsNothingLikeOthersIsNotGuessed)
{
    try {
        deployed_function({.deployment = shop().deployment, .items = {}}, "nope");
        FAIL() << "no exception";
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(), "There is no function 'nope' in shop");
        EXPECT_EQ(error.hint(), "It has none.");
    }
}

} // namespace
} // namespace nimbus::cli
