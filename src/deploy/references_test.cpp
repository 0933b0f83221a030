#include "deploy/references.h"

#include <gtest/gtest.h>

namespace nimbus::deploy {
namespace {

const json::value* lookup(std::string_view key, std::string_view output)
{
    static const json::value identifier = "abc";
    return key == "cluster main-db" && output == "identifier" ? &identifier : nullptr;
}

TEST(References, AreReplacedWhereverTheyStand)
{
    const auto identifier = output_of("cluster main-db", "identifier");
    const json::object inputs{{"plain", 1},
                              {"text", "arn:" + identifier + "/x:" + identifier},
                              {"nested", json::array{json::object{{"member", identifier}}}}};
    const json::object expected{{"plain", 1},
                                {"text", "arn:abc/x:abc"},
                                {"nested", json::array{json::object{{"member", "abc"}}}}};
    EXPECT_EQ(resolve(inputs, lookup), expected);
    EXPECT_FALSE(is_unresolved(expected));
}

TEST(References, StayWhileTheOutputIsNotKnown)
{
    const json::object inputs{{"apiId", "x/" + output_of("api a", "apiId")}};
    EXPECT_EQ(resolve(inputs, lookup), inputs);
    EXPECT_TRUE(is_unresolved(inputs));
}

TEST(References, LeaveOtherControlCharactersAlone)
{
    const json::object inputs{{"a", "\x1f"}, {"b", "x\x1fy\x1f"}};
    EXPECT_EQ(resolve(inputs, lookup), inputs);
}

} // namespace
} // namespace nimbus::deploy
