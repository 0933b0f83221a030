#include "base/sql_tokens.h"

#include <gmock/gmock.h>

namespace nimbus {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(std::string_view sql)
{
    std::vector<std::string> result;
    for (const auto& token : tokenize_sql(sql))
        result.emplace_back(token.text);
    return result;
}

TEST(SqlTokens, LexicalStructureIsPostgreSqls)
{
    EXPECT_THAT(texts("SELECT a.b, 1.5e-3, $1::int -- no\n;"),
                ElementsAre("SELECT", "a", ".", "b", ",", "1.5e-3", ",", "$1", "::", "int", ";"));
    EXPECT_THAT(texts("'it''s' E'a\\'b' U&'x' b'01' \"a\"\"b\" U&\"c\""),
                ElementsAre("'it''s'", "E'a\\'b'", "U&'x'", "b'01'", "\"a\"\"b\"", "U&\"c\""));
    EXPECT_THAT(texts("$$a;b$$ $x$ $$ $x$ c"), ElementsAre("$$a;b$$", "$x$ $$ $x$", "c"));
    EXPECT_THAT(texts("a/* x /* y */ z */b <>--c\n d"), ElementsAre("a", "b", "<>", "d"));
    EXPECT_THAT(texts("'a\\' b"), ElementsAre("'a\\'", "b"));
}

TEST(SqlTokens, NumbersHaveRadixesAndUnderscores)
{
    EXPECT_THAT(texts("1_500.2_5e-1_0+0x1F_f,0b1_1;0o17"),
                ElementsAre("1_500.2_5e-1_0", "+", "0x1F_f", ",", "0b1_1", ";", "0o17"));
    EXPECT_THAT(texts("1e 1_a .5"), ElementsAre("1", "e", "1", "_a", ".5"));
}

TEST(SqlTokens, AConstantGoesOnBehindALineBreakWithItsOwnQuoting)
{
    EXPECT_THAT(texts("E'a'\n'b\\'c' d"), ElementsAre("E'a'\n'b\\'c'", "d"));
    EXPECT_THAT(texts("'a' -- no\n -- no\r\n 'b\\' d"),
                ElementsAre("'a' -- no\n -- no\r\n 'b\\'", "d"));
    EXPECT_THAT(texts("'a' 'b'"), ElementsAre("'a'", "'b'"));
    EXPECT_THAT(texts("'a' /*\n*/ 'b'"), ElementsAre("'a'", "'b'"));
    EXPECT_THAT(texts("'a'\n-- 'b'"), ElementsAre("'a'"));
    EXPECT_THAT(texts("\"a\"\n\"b\""), ElementsAre("\"a\"", "\"b\""));
}

TEST(SqlTokens, ConstantsOfBitsHaveNoDoubledQuotes)
{
    EXPECT_THAT(texts("b'0''1' x'f''e'"), ElementsAre("b'0'", "'1'", "x'f'", "'e'"));
}

TEST(SqlTokens, WhatHasNoEndEndsWithTheText)
{
    EXPECT_THAT(texts("a 'b"), ElementsAre("a", "'b"));
    EXPECT_THAT(texts("a /* b"), ElementsAre("a"));
    EXPECT_THAT(texts("a $x$ b"), ElementsAre("a", "$x$ b"));
    EXPECT_THAT(texts("E'\\"), ElementsAre("E'\\"));
}

TEST(SqlTokens, AStatementThatBeginsOrEndsATransactionIsTold)
{
    for (const auto* text :
         {"COMMIT", "commit work;", "-- all is well\n/* or so */ ;; COMMIT", "END", "abort",
          "BEGIN", "start transaction read only", "ROLLBACK", "ROLLBACK AND CHAIN", "ROLLBACK WORK",
          "COMMIT PREPARED 'a'", "PREPARE\ntransaction 'a'"})
        EXPECT_TRUE(transaction_control(text)) << text;
    EXPECT_EQ(transaction_control(" /**/ Commit"), "Commit");
    for (const auto* text : {"", ";", "SELECT 1 AS commit", "\"commit\"", "'COMMIT'", "committed",
                             "PREPARE a AS SELECT 1", "ROLLBACK TO a", "rollback work to a",
                             "ROLLBACK TRANSACTION TO SAVEPOINT a", "SAVEPOINT a",
                             "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END"})
        EXPECT_FALSE(transaction_control(text)) << text;
}

TEST(SqlTokens, WhatHasNoEndIsFound)
{
    for (const char* closed : {"", "a 'b' /* c */ -- d", "$x$ ' $x$ \"'\"", "E'\\''", "'a'\n'b'"})
        EXPECT_FALSE(find_unclosed(closed)) << closed;
    EXPECT_EQ(find_unclosed("a 'b"), 2U);
    EXPECT_EQ(find_unclosed("a \"b''"), 2U);
    EXPECT_EQ(find_unclosed("'a' /* /* */"), 4U);
    EXPECT_EQ(find_unclosed("'a' $x$ $y$"), 4U);
    EXPECT_EQ(find_unclosed("E'\\'"), 0U);
    EXPECT_EQ(find_unclosed("'a'\n'b"), 0U) << "it goes on behind a line break";
}

TEST(SqlTokens, NestingIsBounded)
{
    const auto bound = [](std::string_view sql) { return nesting_bound(tokenize_sql(sql)); };
    EXPECT_EQ(bound("SELECT a, b, c"), 0U);
    EXPECT_EQ(bound("SELECT 1+1, 1+1"), 1U);
    EXPECT_EQ(bound("SELECT 1+1+1"), 2U);
    EXPECT_EQ(bound("a JOIN b, c JOIN d"), 2U);
    EXPECT_EQ(bound("((()))"), 3U);
    EXPECT_EQ(bound("(1), (2), (3)"), 1U);
    EXPECT_EQ(bound(")))((("), 3U);
    EXPECT_EQ(bound("case case 1 end end"), 2U);
    EXPECT_EQ(bound("case when a = 1 then 1 when a = 2 then 1 else -1 end"), 2U);
    EXPECT_EQ(bound("case when 1 then case when 1 then case when 1 then 1 end end end"), 3U);
    EXPECT_EQ(bound("(1 end, (1 end, (1 end"), 3U);
    EXPECT_EQ(bound("case a.end and case a.end and case a.end"), 3U);
    EXPECT_EQ(bound("1 between 0 and not 1 between 0 and not true"), 4U);
    EXPECT_EQ(bound("a between 0 and 1 and b between 0 and 1 and not c"), 1U);
    EXPECT_EQ(bound("begin atomic select 1; begin atomic select 1; end"), 2U);
}

} // namespace
} // namespace nimbus
