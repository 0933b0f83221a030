#include "cli/deployed_function.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::HasSubstr;

const deploy::Outputs outputs{
    .deployment = {.project = "shop", .stage = "dev", .region = "us-east-1"},
    .functions = {
        {.name = "get-users", .arn = "arn:aws:lambda:us-east-1:1:function:shop-dev-get-users"},
        {.name = "cleanup", .arn = "arn:aws:lambda:us-east-1:1:function:shop-dev-cleanup"}}};

TEST(DeployedFunction, HasTheProgramsNameAndAwss)
{
    EXPECT_EQ(deployed_function(outputs, "cleanup"), outputs.functions[1]);
    EXPECT_EQ(deployed_function(outputs, "shop-dev-get-users"), outputs.functions[0]);
}

TEST(DeployedFunction, ThatIsUnknownIsToldFromThoseThatThereAre)
{
    try {
        deployed_function(outputs, "cleanpu");
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
        deployed_function({.deployment = outputs.deployment}, "nope");
        FAIL() << "no exception";
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(), "There is no function 'nope' in shop");
        EXPECT_EQ(error.hint(), "It has none.");
    }
}

} // namespace
} // namespace nimbus::cli
