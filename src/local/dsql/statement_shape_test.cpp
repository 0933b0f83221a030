#include "local/dsql/statement_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nimbus::local::dsql {
namespace {

using testing::Optional;

TEST(StatementShape, IsTheSameForTextsThatDifferInConstants)
{
    const auto shape = statement_shape("SELECT a, 'x' FROM t WHERE b = 1 AND c < 2.5");
    EXPECT_TRUE(shape);
    EXPECT_EQ(shape, statement_shape("SELECT a, 'it''s ü' FROM t WHERE b = 4711 AND c < 0"));
    EXPECT_EQ(statement_shape("VALUES (1, '')"), statement_shape("VALUES (12, 'a''''b')"));
}

TEST(StatementShape, TellsTextsApartThatDifferElsewhere)
{
    const auto shape = statement_shape("SELECT a FROM t WHERE b = 1");
    EXPECT_NE(shape, statement_shape("SELECT c FROM t WHERE b = 1"));
    EXPECT_NE(shape, statement_shape("SELECT a FROM t WHERE b = '1'"));
    EXPECT_NE(shape, statement_shape("SELECT a FROM t WHERE b = -1"));
    EXPECT_NE(shape, statement_shape("SELECT a FROM t WHERE b = $1"));
    EXPECT_NE(shape, statement_shape("SELECT a FROM t WHERE b = 1; DROP TABLE t"));
    EXPECT_NE(statement_shape("VALUES (1)"), statement_shape("VALUES (1), (2)"));
    EXPECT_NE(statement_shape("SELECT $1"), statement_shape("SELECT $2"));
}

TEST(StatementShape, KeepsNamesAsTheyAre)
{
    EXPECT_THAT(statement_shape("SELECT t1.\"ä 2\"\"'\" FROM t1"),
                Optional(std::string("SELECT t1.\"ä 2\"\"'\" FROM t1")));
    EXPECT_NE(statement_shape("SELECT t1"), statement_shape("SELECT t2"));
}

class WithoutAShape : public testing::TestWithParam<const char*> {};

TEST_P(WithoutAShape, IsWhatOnlyAParserCanTell)
{
    EXPECT_EQ(statement_shape(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(StatementShape, WithoutAShape,
                         testing::Values("SELECT 'a\\'", "SELECT E'a'", "SELECT U&'a'",
                                         "SELECT U&\"a\"", "SELECT b'1'", "SELECT date'2026-01-01'",
                                         "SELECT $$a$$", "SELECT $x$a$x$", "SELECT 1 -- a",
                                         "SELECT /* a */ 1", "SELECT 'a", "SELECT \"a",
                                         "SELECT 'a'\n'b\x01'", "SELECT 1e5", "SELECT 0x1F",
                                         "SELECT 1_000", "SELECT 1.", "SELECT .5", "SELECT 1a",
                                         "SELECT 'a\xff'", "SELECT \xc3\xbc", "SELECT a\xc3\xbc'b'",
                                         "SELECT \x01", "SELECT '\x02'"));

} // namespace
} // namespace nimbus::local::dsql
