#include "base/text.h"

#include <gtest/gtest.h>

namespace nimbus {
namespace {

TEST(Text, ComparesAsciiWithoutCase)
{
    EXPECT_TRUE(iequals("Content-Type", "content-TYPE"));
    EXPECT_FALSE(iequals("a", "ab"));
    EXPECT_EQ(to_upper("main-db"), "MAIN-DB");
}

TEST(Text, SplitsAndJoins)
{
    EXPECT_EQ(split("a,,b", ',').size(), 3u);
    EXPECT_EQ(split("", ',').size(), 1u);
    EXPECT_EQ(join({"a", "", "b"}, "/"), "a//b");
    EXPECT_EQ(trim(" \t x y \r\n"), "x y");
    EXPECT_EQ(trim("  "), "");
    EXPECT_EQ(replace_all("aXbX", "X", "XX"), "aXXbXX");
}

TEST(WildcardMatch, TreatsStarAsAnyRunAndQuestionMarkAsOne)
{
    EXPECT_TRUE(wildcard_match("*", ""));
    EXPECT_TRUE(wildcard_match("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b"));
    EXPECT_TRUE(wildcard_match("a*b*c", "aXbYbZc"));
    EXPECT_TRUE(wildcard_match("Db?onnect", "DbConnect"));
    EXPECT_FALSE(wildcard_match("a*b", "acb d"));
    EXPECT_FALSE(wildcard_match("", "a"));
    EXPECT_FALSE(wildcard_match("a?", "a"));
}

TEST(WildcardMatch, TakesWhatFollowsAnEscapeToTheLetter)
{
    EXPECT_TRUE(wildcard_match("a\\*b*", "a*bc", '\\'));
    EXPECT_FALSE(wildcard_match("a\\*b*", "aXbc", '\\'));
    EXPECT_TRUE(wildcard_match("*\\?", "why?", '\\'));
    EXPECT_FALSE(wildcard_match("*\\?", "why!", '\\'));
    EXPECT_TRUE(wildcard_match("\\\\", "\\", '\\'));
    EXPECT_FALSE(wildcard_match("\\*", "", '\\'));
    EXPECT_TRUE(wildcard_match("\\*", "\\anything"));
}

TEST(EditDistance, CountsChanges)
{
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("schema", "shema"), 1u);
    EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(EditDistance, CountsTwoSwappedCharactersOnce)
{
    EXPECT_EQ(edit_distance("deplyo", "deploy"), 1u);
    EXPECT_EQ(edit_distance("abcd", "badc"), 2u);
}

TEST(LikelyMeant, IsTheNearestCandidateWhateverTheCase)
{
    EXPECT_EQ(likely_meant("LOG", {"plan", "logs", "local"}), "logs");
    EXPECT_EQ(likely_meant("sya", {"more", "say"}), "say");
}

TEST(LikelyMeant, IsNothingWhenAllAreFar)
{
    EXPECT_EQ(likely_meant("frobnicate", {"plan", "logs"}), std::nullopt);
    EXPECT_EQ(likely_meant("xy", {"ab"}), std::nullopt);
    EXPECT_EQ(likely_meant(std::string(100, 'a'), {std::string(100, 'a')}), std::nullopt);
}

} // namespace
} // namespace nimbus
