#include "manifest/names.h"

#include <gmock/gmock.h>

namespace nimbus::manifest {
namespace {

TEST(EnvironmentPrefix, IsUpperCaseWithUnderscores)
{
    EXPECT_EQ(environment_prefix("SQL", "main-db"), "SQL_MAIN_DB");
    EXPECT_EQ(environment_prefix("SQL", "db2"), "SQL_DB2");
}

TEST(ResourceName, JoinsProjectStageAndPart)
{
    Manifest manifest;
    manifest.project = "shop";
    manifest.stage = "dev";
    EXPECT_EQ(resource_name(manifest, "get-users", 64), "shop-dev-get-users");
}

TEST(ResourceName, IsCutToItsLimitAndStaysUnique)
{
    Manifest manifest;
    manifest.project = std::string(32, 'p');
    manifest.stage = std::string(16, 's');
    Function first;
    Function second;
    first.name = "get-organizations-id-members";
    second.name = "get-organizations-id-meetings";
    const auto name = lambda_function_name(manifest, first);
    EXPECT_EQ(name.size(), 64u);
    EXPECT_EQ(name, lambda_function_name(manifest, first));
    EXPECT_NE(name, lambda_function_name(manifest, second));
    EXPECT_THAT(name, testing::MatchesRegex("p{32}-s{16}-get-o-[a-z2-7]{8}"));
}

TEST(LambdaHandler, IsAnExportForRuntimesOfLambdasOwn)
{
    Manifest manifest;
    manifest.runtime = "provided.al2023";
    EXPECT_EQ(lambda_handler(manifest, {.name = "get-users"}), "get-users");
    manifest.runtime = "nodejs22.x";
    EXPECT_EQ(lambda_handler(manifest, {.name = "get-users"}), "index.get-users");
}

} // namespace
} // namespace nimbus::manifest
