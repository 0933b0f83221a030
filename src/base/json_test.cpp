#include "base/error.h"
#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nimbus {
namespace {

std::string failure_of(std::string_view text)
{
    try {
        parse_json(text, "The file");
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(ParseJson, SaysWhereTheMistakeIs)
{
    EXPECT_EQ(failure_of("{\n  \"a\": x\n}"),
              "The file is not valid JSON: syntax error, at line 2, column 8");
    EXPECT_EQ(failure_of("{} {}"), "The file is not valid JSON: extra data, at line 1, column 4");
    EXPECT_EQ(failure_of(" {\"a\": [1, 2]} \n"), "");
    EXPECT_NE(failure_of("{"), "");
    EXPECT_NE(failure_of(""), "");
    EXPECT_NE(failure_of(std::string(100, '[') + std::string(100, ']')), "");
}

TEST(JsonDocument, HoldsWhatItWasMadeOf)
{
    const std::string text = R"({"a":[1,2.5,{"b":"a text that is longer than small ones"}]})";
    const JsonDocument document(text, "The file");
    EXPECT_EQ(document.root(), parse_json(text, "The file"));
    EXPECT_THROW(JsonDocument("{", "The file"), Error);
}

TEST(JsonDocument, WhatIsAssignedOfItLastsLonger)
{
    json::value kept;
    {
        const JsonDocument document(R"({"a":["a text that is longer than small ones"]})", "It");
        kept = document.root();
    }
    EXPECT_EQ(kept.at("a").at(0), "a text that is longer than small ones");
}

TEST(CompactJson, WritesNumbersAsPeopleDo)
{
    EXPECT_EQ(compact_json({1, -2, 2.5, 3.0, 0.1, -0.0, 1e20, 1e21, 0.000001, 2.5e-7}),
              "[1,-2,2.5,3,0.1,0,100000000000000000000,1e+21,0.000001,2.5e-07]");
    EXPECT_EQ(compact_json(18'446'744'073'709'551'615U), "18446744073709551615");
    EXPECT_EQ(compact_json(0.1 + 0.2), "0.30000000000000004");
}

TEST(CompactJson, IsAlwaysJson)
{
    EXPECT_EQ(compact_json({std::nan(""), std::numeric_limits<double>::infinity(), "caf\xe9"}),
              "[null,null,\"caf\uFFFD\"]");
    EXPECT_EQ(
        compact_json({{"b", nullptr}, {"a", json::array()}, {"o", json::object()}, {"t", true}}),
        R"({"b":null,"a":[],"o":{},"t":true})");
}

TEST(PrettyJson, IndentsByTwoAndKeepsTheOrder)
{
    EXPECT_EQ(pretty_json({{"b", 1}, {"a", json::array{1, "x"}}, {"e", json::object{}}}),
              "{\n  \"b\": 1,\n  \"a\": [\n    1,\n    \"x\"\n  ],\n  \"e\": {}\n}\n");
}

TEST(AppendJsonString, EscapesAndRepairs)
{
    const auto quoted = [](std::string_view text) {
        std::string out;
        append_json_string(out, text);
        return out;
    };
    EXPECT_EQ(quoted("a\"b\\c\n\x01é"), R"("a\"b\\c\n\u0001é")");
    EXPECT_EQ(quoted("x\xffy\xe4\xb8"), "\"x\xef\xbf\xbdy\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(Members, AreThereOnlyWithTheRightType)
{
    const json::object object{{"s", "text"}, {"n", 3}, {"b", true}};
    EXPECT_EQ(string_member(object, "s"), "text");
    EXPECT_FALSE(string_member(object, "n"));
    EXPECT_EQ(integer_member(object, "n"), 3);
    EXPECT_FALSE(integer_member(object, "s"));
    EXPECT_EQ(bool_member(object, "b"), true);
    EXPECT_EQ(string_or_empty(object, "missing"), "");
    EXPECT_EQ(object_member(object, "s"), nullptr);
}

} // namespace
} // namespace nimbus
