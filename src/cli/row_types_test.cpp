#include "cli/row_types.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

using deploy::sql::Relation;

const std::vector<Relation> shop{
    {.name = "order_lines",
     .columns = {{.name = "id", .type = "uuid"},
                 {.name = "count", .type = "bigint"},
                 {.name = "price", .type = "numeric", .is_nullable = true},
                 {.name = "tags", .type = "text[]"},
                 {.name = "class", .type = "character varying"},
                 {.name = "made_at", .type = "timestamp with time zone"},
                 {.name = "more", .type = "jsonb", .is_nullable = true}}},
    {.name = "people", .columns = {{.name = "e-mail", .type = "text"}}},
};

TEST(RowTypes, OfCppAreDescribedStructs)
{
    EXPECT_EQ(row_types(shop, Language::cpp),
              R"(// Made by 'nimbus types' from the migrations. Do not edit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nimbus/nimbus.hpp>
#include <optional>
#include <string>
#include <vector>

/// A row of order_lines.
struct OrderLine {
    nimbus::uuid id;
    std::int64_t count;
    std::optional<nimbus::decimal> price;
    std::vector<std::string> tags;
    // "class" cannot be the name of a member.
    nimbus::timestamp made_at;
    std::optional<nimbus::json::value> more;
};
BOOST_DESCRIBE_STRUCT(OrderLine, (), (id, count, price, tags, made_at, more))

/// A row of people.
struct People {
    // "e-mail" cannot be the name of a member.
};
BOOST_DESCRIBE_STRUCT(People, (), ())
)");
}

TEST(RowTypes, OfTypescriptAreInterfaces)
{
    EXPECT_EQ(row_types(shop, Language::typescript),
              R"(// Made by 'nimbus types' from the migrations. Do not edit.

/** A row of order_lines. */
export interface OrderLine {
    id: string;
    count: string;
    price: string | null;
    tags: string[];
    class: string;
    made_at: Date;
    more: unknown | null;
}

/** A row of people. */
export interface People {
    "e-mail": string;
}
)");
}

TEST(RowTypes, AnIntervalIsWhatNodePostgresMakesOfIt)
{
    const Relation plans{.name = "plans",
                         .columns = {{.name = "every", .type = "interval", .is_nullable = true},
                                     {.name = "waits", .type = "interval[]"},
                                     {.name = "prices", .type = "numeric[]"}}};
    const auto text = row_types({plans}, Language::typescript);
    EXPECT_TRUE(text.contains("export interface PostgresInterval {\n    years?: number;")) << text;
    EXPECT_TRUE(text.contains("    every: PostgresInterval | null;\n"
                              "    waits: PostgresInterval[];\n    prices: number[];\n"))
        << text;
    EXPECT_TRUE(row_types({plans}, Language::cpp)
                    .contains("    std::optional<nimbus::interval> every;\n"
                              "    std::vector<nimbus::interval> waits;\n"
                              "    std::vector<nimbus::decimal> prices;\n"));
    EXPECT_FALSE(row_types(shop, Language::typescript).contains("PostgresInterval"));
}

TEST(RowTypes, ARowHidesNoTypeThatMembersHave)
{
    const auto text = row_types({{.name = "dates"},
                                 {.name = "buffers"},
                                 {.name = "date_row"},
                                 {.name = "postgres_intervals"}},
                                Language::typescript);
    for (const auto* name : {"interface DateRow {", "interface BufferRow {", "interface DateRow2 {",
                             "interface PostgresIntervalRow {"})
        EXPECT_TRUE(text.contains(name)) << text;
    EXPECT_TRUE(row_types({{.name = "dates"}}, Language::cpp).contains("struct Date {"));
    EXPECT_TRUE(row_types({{.name = "EOF"}}, Language::cpp).contains("struct EOFRow {"));
}

TEST(RowTypes, WhatTheRowOrAMacroIsCalledIsNoMember)
{
    const auto text = row_types({{.name = "values",
                                  .columns = {{.name = "errno", .type = "integer"},
                                              {.name = "NULL", .type = "integer"},
                                              {.name = "Value", .type = "integer"}}}},
                                Language::cpp);
    for (const auto* name : {"\"errno\" cannot", "\"NULL\" cannot", "\"Value\" cannot", "(), ())"})
        EXPECT_TRUE(text.contains(name)) << text;
}

TEST(RowTypes, WhatMayBeAMacroIsAMemberNevertheless)
{
    const auto text = row_types(
        {{.name = "values",
          .columns = {{.name = "ERANGE", .type = "integer"}, {.name = "A", .type = "integer"}}}},
        Language::cpp);
    EXPECT_TRUE(text.contains(R"(#pragma push_macro("ERANGE")
#undef ERANGE
/// A row of values.
struct Value {
    std::int32_t ERANGE;
    std::int32_t A;
};
BOOST_DESCRIBE_STRUCT(Value, (), (ERANGE, A))
#pragma pop_macro("ERANGE")
)")) << text;
}

TEST(RowTypes, AreCalledByTheSingularOfTheTable)
{
    for (const auto& [table, row] :
         {std::pair("users", "User"), std::pair("order_lines", "OrderLine"),
          std::pair("categories", "Category"), std::pair("addresses", "Address"),
          std::pair("boxes", "Box"), std::pair("matches", "Match"), std::pair("status", "Status"),
          std::pair("analysis", "Analysis"), std::pair("people", "People"),
          std::pair("prices", "Price"), std::pair("2024", "Row2024"), std::pair("", "Row")})
        EXPECT_EQ(name_of_row(table), row) << table;
}

TEST(RowTypes, OfTablesWhoseNamesAreNearHaveDifferentNames)
{
    const auto text =
        row_types({{.name = "User"}, {.name = "user"}, {.name = "users"}}, Language::typescript);
    for (const auto* name : {"interface User {", "interface User2 {", "interface Users {"})
        EXPECT_NE(text.find(name), std::string::npos) << text;
}

TEST(RowTypes, NamesThatWouldEndACommentStayOutOfIt)
{
    const auto text = row_types({{.name = "a */ b\nc"}}, Language::typescript);
    EXPECT_NE(text.find("/** A row. */\nexport interface ABC {"), std::string::npos) << text;
}

} // namespace
} // namespace nimbus::cli
