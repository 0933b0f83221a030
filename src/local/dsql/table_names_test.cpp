#include "base/text.h"
#include "local/dsql/table_names.h"

#include <gmock/gmock.h>

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
    const auto tables = table_names(text);
    std::vector<std::optional<std::string>> others;
    for (std::size_t i = 1; i <= tables.size(); ++i)
        others.push_back("x.t" + std::to_string(i));
    return with_tables(text, tables, others);
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
    EXPECT_EQ(with_tables("SELECT FROM a, b", table_names("SELECT FROM a, b"),
                          std::vector<std::optional<std::string>>{std::nullopt, "c"}),
              "SELECT FROM a, c AS \"b\"");
}

} // namespace
} // namespace nimbus::local::dsql
