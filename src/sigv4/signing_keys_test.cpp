#include "sigv4/signing_keys.h"

#include <gtest/gtest.h>

#include <set>

namespace nimbus::sigv4 {
namespace {

Scope scope(std::string date = "20241201", std::string region = "us-east-1",
            std::string service = "iam")
{
    return {.date = std::move(date), .region = std::move(region), .service = std::move(service)};
}

TEST(SigningKeys, AreThoseThatAreMadeEachTime)
{
    SigningKeys keys;
    for (int time = 0; time < 2; ++time)
        EXPECT_EQ(keys.get("secret", scope()), signing_key("secret", scope()));
}

TEST(SigningKeys, DifferForEachDayRegionServiceAndSecret)
{
    SigningKeys keys;
    const std::set<std::string> made{keys.get("secret", scope()), keys.get("other", scope()),
                                     keys.get("secret", scope("20241202")),
                                     keys.get("secret", scope("20241201", "eu-west-1")),
                                     keys.get("secret", scope("20241201", "us-east-1", "sts"))};
    EXPECT_EQ(made.size(), 5U);
}

TEST(SigningKeys, AreRightHoweverManyScopesCallersName)
{
    SigningKeys keys;
    for (int i = 0; i < 1'000; ++i)
        keys.get("secret", scope(std::to_string(i)));
    EXPECT_EQ(keys.get("secret", scope("7")), signing_key("secret", scope("7")));
}

} // namespace
} // namespace nimbus::sigv4
