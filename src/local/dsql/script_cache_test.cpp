#include "local/dsql/script_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nimbus::local::dsql {
namespace {

TEST(ScriptCache, ReadsATextOnce)
{
    ScriptCache cache;
    const auto first = cache.find_or_read("CREATE TABLE t (id int PRIMARY KEY)");
    EXPECT_EQ(cache.find_or_read("CREATE TABLE t (id int PRIMARY KEY)"), first);
    EXPECT_EQ(cache.reads(), 1U);
}

TEST(ScriptCache, ReadsOneOfTheTextsThatDifferInConstants)
{
    ScriptCache cache;
    for (const char* id : {"1", "22", "4711"})
        cache.find_or_read(std::string("UPDATE t SET a = 'x', n = 5 WHERE id = ") + id + " ;");
    EXPECT_EQ(cache.reads(), 1U);
}

TEST(ScriptCache, GivesEachTextItsOwnStatement)
{
    ScriptCache cache;
    cache.find_or_read("INSERT INTO t VALUES (1, 'a'), (2, 'b');");
    const auto script = cache.find_or_read("INSERT INTO t VALUES (30, 'c'), (4, '');");
    ASSERT_EQ(script->statements.size(), 1U);
    const auto& statement = script->statements.front();
    EXPECT_EQ(statement.text, "INSERT INTO t VALUES (30, 'c'), (4, '')");
    EXPECT_EQ(statement.kind, StatementKind::dml);
    EXPECT_EQ(statement.rows, 2U);
    EXPECT_EQ(cache.reads(), 1U);
}

TEST(ScriptCache, KnowsTheLockOfATextThatItDidNotRead)
{
    ScriptCache cache;
    cache.find_or_read("SELECT n FROM t WHERE id = 1 FOR UPDATE");
    const auto script = cache.find_or_read("SELECT n FROM t WHERE id = 2 FOR UPDATE");
    EXPECT_EQ(script->statements.front().lock, RowLock::update);
    EXPECT_EQ(cache.reads(), 1U);
}

TEST(ScriptCache, ReadsEachTextWhoseConstantsMatter)
{
    ScriptCache cache;
    EXPECT_FALSE(cache.find_or_read("SET timezone TO 'UTC'")->statements.front().refusal);
    for (const char* text : {"SET work_mem TO '1'", "SET work_mem TO '2'", "SELECT version(), 1",
                             "SELECT version(), 2", "COPY t FROM '1'", "COPY t FROM '2'",
                             "EXPLAIN SELECT 1", "EXPLAIN SELECT 2", "SELECT 1; SELECT 2",
                             "SELECT 3; SELECT 4", "SELECT (1", "SELECT (2"}) {
        const auto reads = cache.reads();
        cache.find_or_read(text);
        EXPECT_EQ(cache.reads(), reads + 1) << text;
    }
}

TEST(ScriptCache, TakesNoTextForTheShapeOfAnother)
{
    ScriptCache cache;
    cache.find_or_read("SELECT 'a'");
    EXPECT_TRUE(cache.find_or_read("SELECT \x01")->refusal);
}

TEST(ScriptCache, ForgetsWhatWasUsedLongestAgo)
{
    ScriptCache cache;
    cache.find_or_read("SELECT a0 FROM t");
    for (int i = 1; i <= 600; ++i)
        cache.find_or_read("SELECT a" + std::to_string(i) + " FROM t");
    const auto reads = cache.reads();
    cache.find_or_read("SELECT a600 FROM t");
    EXPECT_EQ(cache.reads(), reads);
    cache.find_or_read("SELECT a0 FROM t");
    EXPECT_EQ(cache.reads(), reads + 1);
}

} // namespace
} // namespace nimbus::local::dsql
