#include "aws/region.h"
#include "base/file.h"

#include <gtest/gtest.h>

#include <map>

namespace nimbus::aws {
namespace {

TEST(FindRegion, SaysWhoSaidIt)
{
    const TemporaryDirectory home;
    make_directories(home.path() / ".aws");
    write_file(home.path() / ".aws/config",
               "[default]\nregion = eu-west-1\n[profile work]\nregion = eu-central-1\n");
    struct Row {
        std::map<std::string, std::string> variables;
        const char* profile;
        const char* region;
        const char* origin;
    };
    const Row rows[] = {
        {{}, "", "eu-west-1", "profile 'default'"},
        {{{"AWS_PROFILE", "work"}}, "", "eu-central-1", "profile 'work'"},
        {{}, "work", "eu-central-1", "profile 'work'"},
        {{}, "nobody", "", ""},
        {{{"AWS_DEFAULT_REGION", "us-east-2"}}, "", "us-east-2", "AWS_DEFAULT_REGION"},
        {{{"AWS_DEFAULT_REGION", "us-east-2"}, {"AWS_REGION", "us-west-2"}},
         "work",
         "us-west-2",
         "AWS_REGION"},
    };
    for (const auto& row : rows) {
        auto variables = row.variables;
        variables.emplace("HOME", home.path());
        const auto found = find_region(row.profile, fixed_environment(variables));
        EXPECT_EQ(found.name, row.region);
        EXPECT_EQ(found.origin, row.origin);
    }
}

TEST(FindRegion, FindsNoneWithoutFiles)
{
    const TemporaryDirectory home;
    EXPECT_EQ(find_region({}, fixed_environment({{"HOME", home.path()}})).name, "");
}

} // namespace
} // namespace nimbus::aws
