#include "base/sql_text.h"

#include <gtest/gtest.h>

namespace nimbus {
namespace {

TEST(SqlText, EnclosesIdentifiersAndDoublesTheirQuotes)
{
    EXPECT_EQ(quote_identifier("users"), R"("users")");
    EXPECT_EQ(quote_identifier(R"(a"b'c)"), R"("a""b'c")");
    EXPECT_EQ(quote_identifier(""), R"("")");
}

TEST(SqlText, EnclosesTablesAndTheirSchemasApart)
{
    EXPECT_EQ(quote_table("users"), R"("users")");
    EXPECT_EQ(quote_table("shop.users"), R"("shop"."users")");
    EXPECT_EQ(quote_table(R"(a"b.c.d)"), R"("a""b"."c.d")");
}

TEST(SqlText, EnclosesConstantsAndDoublesTheirQuotes)
{
    EXPECT_EQ(quote_literal("Alice"), "'Alice'");
    EXPECT_EQ(quote_literal("it's \"here\""), "'it''s \"here\"'");
    EXPECT_EQ(quote_literal("'"), "''''");
}

TEST(SqlText, LeavesBackslashesAlone)
{
    EXPECT_EQ(quote_literal(R"(a\'b)"), R"('a\''b')");
}

} // namespace
} // namespace nimbus
