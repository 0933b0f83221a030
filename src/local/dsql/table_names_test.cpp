#include "base/text.h"
#include "local/dsql/table_names.h"

#include <gmock/gmock.h>

#include <map>

namespace nimbus::local::dsql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Those of a statement; those that it writes have a star.
std::vector<std::string> names(const std::string& text)
{
    std::vector<std::string> all;
    for (const auto& table : table_names(text))
        all.push_back(replace_all(table.name, "\"", "") + (table.is_written ? "*" : ""));
    return all;
}

/// The statement with x.t1, x.t2, … in the place of its tables.
std::string replaced(const std::string& text)
{
    const auto names = statement_names(text);
    std::vector<std::optional<std::string>> others;
    std::map<std::string, std::string> known;
    for (const auto& table : names.tables) {
        const auto next = "x.t" + std::to_string(known.size() + 1);
        others.emplace_back(known.try_emplace(table.name, next).first->second);
    }
    return with_tables(text, names, others).value_or("(means something else)");
}

TEST(TableNames, EveryStatementNamesItsTables)
{
    EXPECT_THAT(names("SELECT 1"), IsEmpty());
    EXPECT_THAT(names("SELECT * FROM a, s.b JOIN \"C c\" USING (id)"),
                ElementsAre("a", "s.b", "C c"));
    EXPECT_THAT(names("INSERT INTO a SELECT * FROM b"), ElementsAre("a*", "b"));
    EXPECT_THAT(names("UPDATE a SET x = (SELECT max(y) FROM b) FROM c"),
                ElementsAre("a*", "b", "c"));
    EXPECT_THAT(names("DELETE FROM a USING b WHERE EXISTS (SELECT FROM c)"),
                ElementsAre("a*", "b", "c"));
    EXPECT_THAT(names("SELECT * FROM a JOIN b ON true FOR UPDATE OF a"), ElementsAre("a*", "b*"));
    EXPECT_THAT(names("EXPLAIN SELECT * FROM a"), ElementsAre("a"));
    EXPECT_THAT(names("COPY a TO STDOUT"), ElementsAre("a"));
    EXPECT_THAT(names("COPY a (x) FROM STDIN"), ElementsAre("a*"));
    EXPECT_THAT(names("no SQL"), IsEmpty());
}

TEST(TableNames, WhatWithDefinesIsNone)
{
    EXPECT_THAT(names("WITH a AS (SELECT * FROM b) SELECT * FROM a, s.a"), ElementsAre("b", "s.a"));
    EXPECT_THAT(names("WITH d AS (DELETE FROM b RETURNING *) INSERT INTO a SELECT * FROM d"),
                ElementsAre("b*", "a*"));
    EXPECT_THAT(names("WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a, b) SELECT * FROM a, b"),
                ElementsAre("a", "b"))
        << "nor is it one to itself";
    EXPECT_THAT(names("WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM a, b), b AS (SELECT 1) "
                      "SELECT * FROM a"),
                IsEmpty());
    EXPECT_THAT(names("SELECT (WITH a AS (SELECT 1) SELECT * FROM a), (SELECT x FROM a)"),
                ElementsAre("a"));
    EXPECT_THAT(names("WITH a AS (SELECT 1) INSERT INTO a SELECT * FROM a"), ElementsAre("a*"));
}

TEST(TableNames, OthersTakeTheirPlaceUnderTheSameName)
{
    EXPECT_EQ(replaced("SELECT a.x, b.y FROM s.a, b AS b WHERE 'a' <> b.z"),
              "SELECT a.x, b.y FROM x.t1 AS \"a\", x.t2 AS b WHERE 'a' <> b.z");
    EXPECT_EQ(replaced("INSERT INTO \"S\" . \"A a\" (x) VALUES ('é')"),
              "INSERT INTO x.t1 AS \"A a\" (x) VALUES ('é')");
    EXPECT_EQ(replaced("/* é */ UPDATE a SET x = 1 WHERE a.y = 2"),
              "/* é */ UPDATE x.t1 AS \"a\" SET x = 1 WHERE a.y = 2");
    EXPECT_EQ(replaced("COPY a (x) TO STDOUT"), "COPY x.t1 (x) TO STDOUT");
    EXPECT_EQ(replaced("COPY a FROM STDIN CSV"), "COPY x.t1 FROM STDIN CSV");
    EXPECT_EQ(with_tables("SELECT FROM a, b", statement_names("SELECT FROM a, b"),
                          std::vector<std::optional<std::string>>{std::nullopt, "c"}),
              "SELECT FROM a, c AS \"b\"");
}

TEST(TableNames, AColumnIsFoundWithoutItsSchema)
{
    EXPECT_EQ(replaced("SELECT s.a.x, \"s\" . a.*, db.s.a.y FROM s.a WHERE s.a.x = 1"),
              "SELECT a.x, a.*, a.y FROM x.t1 AS \"a\" WHERE a.x = 1");
    EXPECT_EQ(replaced("UPDATE s.a SET x = s.a.x + 1 RETURNING s.a.x"),
              "UPDATE x.t1 AS \"a\" SET x = a.x + 1 RETURNING a.x");
    EXPECT_EQ(replaced("INSERT INTO s.a VALUES (1) ON CONFLICT (x) DO UPDATE SET x = s.a.x"),
              "INSERT INTO x.t1 AS \"a\" VALUES (1) ON CONFLICT (x) DO UPDATE SET x = a.x");
}

TEST(TableNames, TwoTablesOfOneNameKeepTheirSchemas)
{
    constexpr const char* other = "(means something else)";
    EXPECT_EQ(replaced("SELECT * FROM s.a, r.a"), other);
    EXPECT_EQ(replaced("SELECT (SELECT s.a.x FROM r.a AS b) FROM s.a"),
              "SELECT (SELECT a.x FROM x.t2 AS b) FROM x.t1 AS \"a\"");
    EXPECT_EQ(replaced("SELECT (SELECT s.a.x FROM r.b AS a) FROM s.a"), other);
    EXPECT_EQ(replaced("WITH a AS (SELECT 1) SELECT s.a.x FROM s.a"),
              "WITH a AS (SELECT 1) SELECT a.x FROM x.t1 AS \"a\"");
    EXPECT_EQ(replaced("WITH a AS (SELECT 1) SELECT (SELECT s.a.x FROM a) FROM s.a"), other);
    EXPECT_EQ(replaced("SELECT * FROM s.a AS b, r.a AS c"), "SELECT * FROM x.t1 AS b, x.t2 AS c");
}

TEST(TableNames, ATablesNameInAllItsForms)
{
    EXPECT_EQ(replaced("TABLE a"), "SELECT * FROM x.t1 AS \"a\"");
    EXPECT_EQ(replaced("INSERT INTO a TABLE ONLY (s.b)"),
              "INSERT INTO x.t1 AS \"a\" SELECT * FROM x.t2 AS \"b\"");
    EXPECT_EQ(replaced("SELECT * FROM a* WHERE x * 2 = 4"),
              "SELECT * FROM x.t1 AS \"a\" WHERE x * 2 = 4");
    EXPECT_EQ(replaced("SELECT * FROM s.a * AS b"), "SELECT * FROM x.t1 AS b");
    EXPECT_EQ(replaced("DELETE FROM ONLY (a) WHERE x = 1"),
              "DELETE FROM x.t1 AS \"a\" WHERE x = 1");
    EXPECT_EQ(replaced("UPDATE only a SET x = 1"), "UPDATE x.t1 AS \"a\" SET x = 1");
}

TEST(TableNames, SomeStatementsMeanSomethingElseOnOtherTables)
{
    const auto is_transferable = [](const char* text) {
        return statement_names(text).is_transferable;
    };
    for (const char* text :
         {"SELECT 1", "TABLE a", "INSERT INTO a VALUES (1)", "COPY a TO STDOUT", "SHOW search_path",
          "EXPLAIN SELECT * FROM a", "SET CONSTRAINTS ALL DEFERRED", "SELECT xmin(1)"})
        EXPECT_TRUE(is_transferable(text)) << text;
    for (const char* text :
         {"ALTER TABLE a ADD b int", "DROP TABLE a", "GRANT SELECT ON a TO b", "ANALYZE a",
          "SET CONSTRAINTS a DEFERRED", "DELETE FROM a WHERE ctid = '(0,1)'",
          "SELECT a.tableoid FROM a", "CREATE INDEX ON a (b)"})
        EXPECT_FALSE(is_transferable(text)) << text;
}

TEST(TableNames, WhateverMayBeAFunctionIsCalled)
{
    EXPECT_THAT(
        statement_names("SELECT f(a.g), (b).h FROM i.j(1) k WHERE x OPERATOR(y.+) 1").called,
        testing::IsSupersetOf({"f", "g", "h", "j"}));
    EXPECT_THAT(statement_names("SELECT 'f', 1::\"T\", CAST(2 AS s.u), 3::int").types,
                ElementsAre("\"T\"", "\"pg_catalog\".\"int4\"", "\"s\".\"u\""));
}

} // namespace
} // namespace nimbus::local::dsql
