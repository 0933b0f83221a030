#include "cli/environment_of_tests.h"

#include <gmock/gmock.h>

namespace nimbus::cli {
namespace {

using testing::UnorderedElementsAre;

TEST(EnvironmentForTests, HasOursAndTheVariablesWhichWin)
{
    EXPECT_THAT(environment_for_tests({"PATH=/bin", "SQL_MAIN_DB_SCHEMA=old"},
                                      {{"SQL_MAIN_DB_SCHEMA", "shop"}}),
                UnorderedElementsAre("PATH=/bin", "SQL_MAIN_DB_SCHEMA=shop"));
}

TEST(EnvironmentForTests, HasNothingThatLeadsToAnAccountOfAws)
{
    const auto environment = environment_for_tests(
        {"AWS_PROFILE=production", "AWS_ACCESS_KEY_ID=AKIA"}, {{"AWS_ACCESS_KEY_ID", "ASIA"}});
    EXPECT_THAT(environment, UnorderedElementsAre("AWS_ACCESS_KEY_ID=ASIA"));
}

TEST(EnvironmentForTests, KeepsTheOptionsThatNodeHas)
{
    EXPECT_THAT(environment_for_tests({"NODE_OPTIONS=--no-warnings"},
                                      {{"NODE_OPTIONS", "--require \"/a b/c.cjs\""}}),
                UnorderedElementsAre("NODE_OPTIONS=--no-warnings --require \"/a b/c.cjs\""));
    EXPECT_THAT(environment_for_tests({"NODE_OPTIONS="}, {{"NODE_OPTIONS", "--x"}}),
                UnorderedElementsAre("NODE_OPTIONS=--x"));
}

} // namespace
} // namespace nimbus::cli
