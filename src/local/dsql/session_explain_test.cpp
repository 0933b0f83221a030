#include "local/dsql/session_fixture.h"

#include <gmock/gmock.h>

namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr const char* full_scan = "Full Scan (btree-table) on planned\n"
                                  "  Filter: (n = 5)\n"
                                  "  -> Storage Scan on planned\n"
                                  "      -> B-Tree Scan on planned";
constexpr const char* by_key = "Index Only Scan using planned_pkey on planned\n"
                               "  Index Cond: (id = 5)\n"
                               "  -> Storage Scan on planned_pkey\n"
                               "      -> B-Tree Scan on planned_pkey\n"
                               "          Index Cond: (id = 5)";

class DsqlExplain : public DsqlSession {
protected:
    void SetUp() override
    {
        DsqlSession::SetUp();
        if (IsSkipped())
            return;
        connection_ = std::make_unique<Connection>(admin());
        ASSERT_EQ(run("CREATE TABLE planned (id int PRIMARY KEY, n int)"), "CREATE TABLE");
        ASSERT_EQ(run("INSERT INTO planned SELECT i, i % 10 FROM generate_series(1, 1000) i"),
                  "INSERT 0 1000");
        ASSERT_EQ(run("ANALYZE planned"), "ANALYZE");
    }
    void TearDown() override
    {
        if (connection_) {
            EXPECT_EQ(run("DROP TABLE planned"), "DROP TABLE");
        }
    }
    std::string run(const std::string& sql) { return connection_->run(sql); }
    std::string run_extended(const std::string& sql, const std::vector<std::string>& values = {})
    {
        return connection_->run_extended(sql, values);
    }

    std::unique_ptr<Connection> connection_;
};

TEST_F(DsqlExplain, ScansHaveDsqlsForm)
{
    EXPECT_EQ(run("EXPLAIN (COSTS OFF) SELECT * FROM planned WHERE n = 5"), full_scan);
    EXPECT_EQ(run_extended("EXPLAIN (COSTS OFF) SELECT * FROM planned WHERE n = 5"), full_scan);
    EXPECT_EQ(run_extended("EXPLAIN (COSTS OFF) SELECT * FROM planned WHERE id = $1", {"5"}),
              by_key);
    EXPECT_EQ(run("SELECT 1; EXPLAIN (COSTS OFF) SELECT * FROM planned WHERE id = 5"), by_key);
    EXPECT_EQ(run("EXPLAIN (COSTS OFF) SELECT * FROM planned WHERE id = 5; SELECT 1"), "1");
    EXPECT_EQ(run("CREATE INDEX ASYNC planned_n ON planned (n)").size(), 26U);
    EXPECT_EQ(run("EXPLAIN (COSTS OFF) SELECT * FROM planned ORDER BY n DESC LIMIT 1"),
              "Limit\n"
              "  ->  Index Scan Backward using planned_n on planned\n"
              "        -> Storage Scan on planned_n\n"
              "            -> B-Tree Scan on planned_n\n"
              "        -> Storage Lookup on planned\n"
              "            -> B-Tree Lookup on planned");
    EXPECT_EQ(run("EXPLAIN (COSTS OFF) SELECT * FROM planned WHERE n = 5"), full_scan)
        << "there is no heap for a bitmap";
}

TEST_F(DsqlExplain, WhatWasReadIsCounted)
{
    EXPECT_THAT(
        run("EXPLAIN (ANALYZE, TIMING OFF) SELECT * FROM planned WHERE n = 5"),
        AllOf(StartsWith("Full Scan (btree-table) on planned  (cost="),
              HasSubstr("  Rows Removed by Filter: 900\n  -> Storage Scan on planned  (cost="),
              HasSubstr(" loops=1) (actual rows=1000 loops=1)\n      -> B-Tree Scan on planned "),
              HasSubstr("\nPlanning Time: "), HasSubstr("\nExecution Time: ")));
    EXPECT_THAT(run("EXPLAIN (VERBOSE, COSTS OFF) SELECT n FROM planned"),
                HasSubstr("      Projections: n\n      -> B-Tree Scan on public.planned"));
}

TEST_F(DsqlExplain, TransactionsGoOnAroundIt)
{
    const std::string update = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) UPDATE "
                               "planned SET n = 100 WHERE id = 5";
    const auto updated = AllOf(StartsWith("Update on planned (actual rows=0 loops=1)\n"
                                          "  ->  Index Only Scan using planned_pkey on planned "),
                               HasSubstr("\n        -> Storage Scan on planned_pkey "));
    EXPECT_EQ(run("BEGIN"), "BEGIN");
    EXPECT_EQ(run("EXPLAIN (COSTS OFF) SELECT * FROM planned WHERE n = 5"), full_scan);
    EXPECT_THAT(run_extended(update), updated);
    EXPECT_EQ(run("SELECT n FROM planned WHERE id = 5"), "100");
    EXPECT_EQ(run("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(run("SELECT n FROM planned WHERE id = 5"), "5");
    EXPECT_THAT(run(update), updated);
    EXPECT_EQ(run("SELECT n FROM planned WHERE id = 5"), "100");

    EXPECT_THAT(run("EXPLAIN SELECT * FROM missing"), StartsWith("42P01 "));
    EXPECT_THAT(run_extended("EXPLAIN SELECT * FROM missing"), StartsWith("42P01 "));
    EXPECT_EQ(run("BEGIN"), "BEGIN");
    EXPECT_THAT(run("EXPLAIN SELECT * FROM missing"), StartsWith("42P01 "));
    EXPECT_THAT(run("EXPLAIN SELECT 1"), StartsWith("25P02 "));
    EXPECT_EQ(run("COMMIT"), "ROLLBACK");
    EXPECT_EQ(run("SELECT 1"), "1");
}

TEST_F(DsqlExplain, WhatDsqlsFormIsNotKnownForStays)
{
    EXPECT_THAT(run("EXPLAIN (FORMAT JSON, COSTS OFF) SELECT * FROM planned"),
                AllOf(HasSubstr("\"Node Type\": \"Seq Scan\""), Not(HasSubstr("Storage"))));
    EXPECT_THAT(run("EXPLAIN SELECT 1"), MatchesRegex("Result  \\(cost=.*"));
    EXPECT_EQ(run("EXPLAIN (COSTS OFF) SELECT 1 AS a UNION ALL SELECT 2"),
              "Append\n  ->  Result\n  ->  Result");
}

} // namespace
} // namespace nimbus::local::dsql
