#include "local/services/secretsmanager/filters.h"

#include <gtest/gtest.h>

namespace nimbus::local::secretsmanager_api {
namespace {

using Words = std::vector<std::string>;

const Secret secret{.name = "shop/dev/stripe-key",
                    .description = "Key for the Payments account",
                    .tags = {{"nimbus:project", "shop"}, {"Team", "Billing"}}};

bool matches(const std::string& key, const Words& values)
{
    return Filter{key, values}.matches(secret);
}

TEST(SecretWords, AreSeparatedBySpecialCharactersAndBegunByCapitals)
{
    EXPECT_EQ(words_of("myDb/Main"), (Words{"my", "db", "main"}));
    EXPECT_EQ(words_of("HTTPKey a.b@c"), (Words{"httpkey", "a", "b", "c"}));
    EXPECT_EQ(words_of("/"), Words{});
}

TEST(SecretFilters, NamesAndTagsMatchByTheirBeginningWithCase)
{
    EXPECT_TRUE(matches("name", {"shop/dev/"}));
    EXPECT_FALSE(matches("name", {"Shop/"}));
    EXPECT_FALSE(matches("name", {"dev"}));
    EXPECT_TRUE(matches("tag-key", {"nimbus:"}));
    EXPECT_FALSE(matches("tag-key", {"team"}));
    EXPECT_TRUE(matches("tag-value", {"Bill"}));
}

TEST(SecretFilters, DescriptionsMatchByWordsWithoutCase)
{
    EXPECT_TRUE(matches("description", {"key for"}));
    EXPECT_TRUE(matches("description", {"payments"}));
    EXPECT_FALSE(matches("description", {"payments secret"}));
}

TEST(SecretFilters, AllSearchesEverythingThatIsNotTheValue)
{
    EXPECT_TRUE(matches("all", {"stripe"}));
    EXPECT_TRUE(matches("all", {"account"}));
    EXPECT_TRUE(matches("all", {"billing"}));
    EXPECT_FALSE(matches("all", {"queue"}));
}

TEST(SecretFilters, OneValueHasToMatch)
{
    EXPECT_TRUE(matches("name", {"other", "shop"}));
    EXPECT_FALSE(matches("name", {"other", "another"}));
}

TEST(SecretFilters, AnExclamationMarkTurnsAValueRound)
{
    EXPECT_FALSE(matches("name", {"!shop"}));
    EXPECT_TRUE(matches("name", {"!other"}));
}

TEST(SecretFilters, NothingIsReplicatedOrOwnedByAService)
{
    EXPECT_FALSE(matches("primary-region", {"us-east-1"}));
    EXPECT_FALSE(matches("owning-service", {"rds"}));
}

} // namespace
} // namespace nimbus::local::secretsmanager_api
