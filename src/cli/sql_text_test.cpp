#include "cli/sql_text.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

using Result = deploy::sql::SqlSession::Result;

TEST(SqlText, ATableLikePsqls)
{
    const Result result{.columns = {"name", "n"},
                        .rows = {{"Zoë", "1"}, {"Alexander", std::nullopt}},
                        .command_tag = "SELECT 2"};
    EXPECT_EQ(describe(result), " name      | n\n"
                                "-----------+---\n"
                                " Zoë       | 1\n"
                                " Alexander | \n"
                                "(2 rows)\n\n");
}

TEST(SqlText, ARowStaysOnItsLine)
{
    const Result result{.columns = {"text"}, .rows = {{"a\nb"}}, .command_tag = "SELECT 1"};
    EXPECT_EQ(describe(result), " text\n------\n a↵b\n(1 row)\n\n");
}

TEST(SqlText, WithoutColumnsTheTag)
{
    EXPECT_EQ(describe(Result{.columns = {}, .rows = {}, .command_tag = "INSERT 0 1"}),
              "INSERT 0 1\n");
    EXPECT_EQ(describe(Result{}), "");
}

TEST(SqlText, JsonHasObjectsWithTheValuesAsText)
{
    const Result result{
        .columns = {"name", "n"}, .rows = {{"Alice", std::nullopt}}, .command_tag = "SELECT 1"};
    EXPECT_EQ(json::serialize(to_json(result)),
              R"({"command":"SELECT 1","rows":[{"name":"Alice","n":null}]})");
}

TEST(SqlText, JsonLosesNoColumn)
{
    const Result result{
        .columns = {"x", "x", "x_2"}, .rows = {{"1", "2", "3"}}, .command_tag = "SELECT 1"};
    EXPECT_EQ(json::serialize(to_json(result)),
              R"({"command":"SELECT 1","rows":[{"x":"1","x_2":"2","x_2_2":"3"}]})");
}

} // namespace
} // namespace nimbus::cli
