#include "cli/argument_fit.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

using frontends::SourceLanguage;

bool never(std::string_view type, std::string_view parameter,
           SourceLanguage language = SourceLanguage::cpp)
{
    frontends::Sources sources;
    sources.emplace_back(
        "source",
        "enum class E { x }; struct J { int x; }; BOOST_DESCRIBE_STRUCT(J, (), (x))\n"
        "using Id = std::int64_t;",
        language);
    return never_fits(type, parameter, frontends::SourceTypes(sources), sources.front());
}

TEST(ArgumentFit, ATextMayBeAnything)
{
    for (const auto* parameter : {"integer", "uuid", "jsonb", "text[]", "boolean"}) {
        EXPECT_FALSE(never("std::string", parameter));
        EXPECT_FALSE(never("string", parameter, SourceLanguage::script));
        EXPECT_FALSE(never("", parameter));
    }
}

TEST(ArgumentFit, OtherTypesOfCppAreTextsOfFewTypes)
{
    EXPECT_TRUE(never("int", "uuid"));
    EXPECT_TRUE(never("std::optional<Id>", "timestamp with time zone"));
    EXPECT_FALSE(never("Id", "bigint"));
    EXPECT_FALSE(never("int", "text"));
    EXPECT_TRUE(never("bool", "integer"));
    EXPECT_FALSE(never("bool", "boolean"));
    EXPECT_TRUE(never("nimbus::uuid", "bigint"));
    EXPECT_FALSE(never("nimbus::uuid", "text"));
    EXPECT_TRUE(never("nimbus::timestamp", "jsonb"));
    EXPECT_FALSE(never("nimbus::timestamp", "date"));
    EXPECT_TRUE(never("E", "integer"));
    EXPECT_TRUE(never("J", "integer"));
    EXPECT_FALSE(never("J", "jsonb"));
    EXPECT_FALSE(never("Unknown", "integer"));
}

TEST(ArgumentFit, AListIsAnArrayAndNoJson)
{
    EXPECT_FALSE(never("std::vector<std::string>", "text[]"));
    EXPECT_TRUE(never("std::vector<std::string>", "jsonb"))
        << "it is sent as an array: nimbus::to_json sends json";
    EXPECT_TRUE(never("std::vector<int>", "uuid[]"));
    EXPECT_FALSE(never("std::vector<J>", "jsonb"));
    EXPECT_FALSE(never("std::vector<std::byte>", "bytea"));
    EXPECT_TRUE(never("string[]", "jsonb", SourceLanguage::script));
    EXPECT_FALSE(never("string[]", "uuid[]", SourceLanguage::script));
}

TEST(ArgumentFit, AUnionFitsIfOneOfItMay)
{
    EXPECT_TRUE(never("number", "uuid", SourceLanguage::script));
    EXPECT_FALSE(never("number|string", "uuid", SourceLanguage::script));
    EXPECT_TRUE(never("boolean", "integer", SourceLanguage::script));
    EXPECT_TRUE(never("Date", "integer", SourceLanguage::script));
    EXPECT_FALSE(never("Date", "jsonb", SourceLanguage::script));
}

} // namespace
} // namespace nimbus::cli
