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

TEST(References, AreReplacedInMembersNamesToo)
{
    const auto identifier = output_of("cluster main-db", "identifier");
    EXPECT_EQ(resolve(json::object{{"of " + identifier, true}}, lookup),
              (json::object{{"of abc", true}}));
}

TEST(References, AreReplacedInTheStorageThatIsGiven)
{
    json::monotonic_resource memory;
    const json::object inputs{{"a", json::array{output_of("cluster main-db", "identifier"), 1}}};
    const auto resolved = resolve(inputs, lookup, &memory);
    EXPECT_EQ(resolved, (json::object{{"a", json::array{"abc", 1}}}));
    EXPECT_EQ(resolved.storage().get(), &memory);
    EXPECT_EQ(resolved.at("a").storage().get(), &memory);
    EXPECT_EQ(resolved.at("a").at(0).storage().get(), &memory);
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
