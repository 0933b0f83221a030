#include "base/text.h"
#include "local/dsql/plan_form.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace nimbus::local::dsql {
namespace {

std::string rewritten(const std::string& plan)
{
    return join(dsql_plan(split(plan, '\n')), "\n");
}

TEST(PlanForm, AScanOfATableIsAFullScan)
{
    EXPECT_EQ(rewritten("Seq Scan on t  (cost=0.00..22.70 rows=1270 width=36)"),
              "Full Scan (btree-table) on t  (cost=0.00..22.70 rows=1270 width=36)\n"
              "  -> Storage Scan on t  (cost=0.00..22.70 rows=1270 width=36 loops=1)\n"
              "      -> B-Tree Scan on t  (cost=0.00..22.70 rows=1270 width=36 loops=1)");
    EXPECT_EQ(rewritten("Seq Scan on t\n"
                        "  Filter: (n > 3)"),
              "Full Scan (btree-table) on t\n"
              "  Filter: (n > 3)\n"
              "  -> Storage Scan on t\n"
              "      -> B-Tree Scan on t");
}

TEST(PlanForm, AScanOfAnIndexLooksUpRowsInTheTable)
{
    EXPECT_EQ(
        rewritten("Limit  (cost=0.15..8.17 rows=1 width=4)\n"
                  "  ->  Index Scan Backward using i on t x  (cost=0.15..8.17 rows=1 width=4)\n"
                  "        Index Cond: (a = 1)\n"
                  "        Filter: (n > 3)"),
        "Limit  (cost=0.15..8.17 rows=1 width=4)\n"
        "  ->  Index Scan Backward using i on t x  (cost=0.15..8.17 rows=1 width=4)\n"
        "        Index Cond: (a = 1)\n"
        "        Filter: (n > 3)\n"
        "        -> Storage Scan on i  (cost=0.15..8.17 rows=1 width=4 loops=1)\n"
        "            -> B-Tree Scan on i  (cost=0.15..8.17 rows=1 width=4 loops=1)\n"
        "                Index Cond: (a = 1)\n"
        "        -> Storage Lookup on t x  (cost=0.15..8.17 rows=1 width=4 loops=1)\n"
        "            -> B-Tree Lookup on t x  (cost=0.15..8.17 rows=1 width=4 loops=1)");
}

TEST(PlanForm, TheIndexOfAPrimaryKeyHoldsAllColumns)
{
    EXPECT_EQ(rewritten("Index Scan using \"T_pkey\" on \"T\"\n"
                        "  Index Cond: (id = 1)"),
              "Index Only Scan using \"T_pkey\" on \"T\"\n"
              "  Index Cond: (id = 1)\n"
              "  -> Storage Scan on \"T_pkey\"\n"
              "      -> B-Tree Scan on \"T_pkey\"\n"
              "          Index Cond: (id = 1)");
}

TEST(PlanForm, WhatWasReadIsCountedBeforeTheFilter)
{
    EXPECT_EQ(rewritten("Seq Scan on public.t (actual time=0.010..0.020 rows=2 loops=3)\n"
                        "  Output: id, \"a, b\", n\n"
                        "  Filter: (t.n > 3)\n"
                        "  Rows Removed by Filter: 5\n"
                        "Planning Time: 0.1 ms\n"
                        "Execution Time: 0.2 ms"),
              "Full Scan (btree-table) on public.t (actual time=0.010..0.020 rows=2 loops=3)\n"
              "  Output: id, \"a, b\", n\n"
              "  Filter: (t.n > 3)\n"
              "  Rows Removed by Filter: 5\n"
              "  -> Storage Scan on public.t (actual rows=7 loops=3)\n"
              "      -> B-Tree Scan on public.t (actual rows=7 loops=3)\n"
              "Planning Time: 0.1 ms\n"
              "Execution Time: 0.2 ms");
    EXPECT_EQ(rewritten("Index Only Scan using i on t (never executed)\n"
                        "  Heap Fetches: 0"),
              "Index Only Scan using i on t (never executed)\n"
              "  -> Storage Scan on i (never executed)\n"
              "      -> B-Tree Scan on i (never executed)");
}

TEST(PlanForm, ColumnsAreProjectedWherePostgresSaysWhich)
{
    EXPECT_EQ(rewritten("Seq Scan on public.t\n"
                        "  Output: id, \"a, b\""),
              "Full Scan (btree-table) on public.t\n"
              "  Output: id, \"a, b\"\n"
              "  -> Storage Scan on public.t\n"
              "      Projections: id, \"a, b\"\n"
              "      -> B-Tree Scan on public.t");
    EXPECT_EQ(rewritten("Index Scan using i on public.t\n"
                        "  Output: id\n"
                        "  Index Cond: (t.a = 1)"),
              "Index Scan using i on public.t\n"
              "  Output: id\n"
              "  Index Cond: (t.a = 1)\n"
              "  -> Storage Scan on i\n"
              "      -> B-Tree Scan on i\n"
              "          Index Cond: (t.a = 1)\n"
              "  -> Storage Lookup on public.t\n"
              "      Projections: id\n"
              "      -> B-Tree Lookup on public.t");
    for (const char* output : {"(a + 1)", "t.a, b", "ctid", "a, 'x'::text"})
        EXPECT_FALSE(
            rewritten("Seq Scan on t\n  Output: " + std::string(output)).contains("Projections"))
            << output;
    EXPECT_FALSE(rewritten("Aggregate\n"
                           "  Output: count(*)\n"
                           "  ->  Seq Scan on public.t\n"
                           "        Output: id, n")
                     .contains("Projections"));
}

TEST(PlanForm, ScansAreFoundBelowWhatStays)
{
    EXPECT_EQ(rewritten("Hash Join\n"
                        "  Hash Cond: (a.id = b.id)\n"
                        "  ->  Seq Scan on a\n"
                        "        Filter: (hashed SubPlan 1)\n"
                        "        SubPlan 1\n"
                        "          ->  Seq Scan on c\n"
                        "  ->  Hash\n"
                        "        ->  Seq Scan on b"),
              "Hash Join\n"
              "  Hash Cond: (a.id = b.id)\n"
              "  ->  Full Scan (btree-table) on a\n"
              "        Filter: (hashed SubPlan 1)\n"
              "        -> Storage Scan on a\n"
              "            -> B-Tree Scan on a\n"
              "        SubPlan 1\n"
              "          ->  Full Scan (btree-table) on c\n"
              "                -> Storage Scan on c\n"
              "                    -> B-Tree Scan on c\n"
              "  ->  Hash\n"
              "        ->  Full Scan (btree-table) on b\n"
              "              -> Storage Scan on b\n"
              "                  -> B-Tree Scan on b");
}

TEST(PlanForm, TheLinesOfAConstantStayTogether)
{
    EXPECT_EQ(rewritten("Index Scan using i on t\n"
                        "  Index Cond: (a = 'it''s\n"
                        "->  Seq Scan on t\n"
                        "'::text)\n"
                        "  Filter: (b = ''::text)"),
              "Index Scan using i on t\n"
              "  Index Cond: (a = 'it''s\n"
              "->  Seq Scan on t\n"
              "'::text)\n"
              "  Filter: (b = ''::text)\n"
              "  -> Storage Scan on i\n"
              "      -> B-Tree Scan on i\n"
              "          Index Cond: (a = 'it''s\n"
              "->  Seq Scan on t\n"
              "'::text)\n"
              "  -> Storage Lookup on t\n"
              "      -> B-Tree Lookup on t");
}

TEST(PlanForm, WhatItDoesNotKnowStays)
{
    for (const std::string plan :
         {"", "Result  (cost=0.00..0.01 rows=1 width=4)", "Parallel Seq Scan on t",
          "Seq Scan on pg_class  (cost=0.00..18.15 rows=415 width=265)",
          "Seq Scan on pg_catalog.pg_class c", "Index Scan using pg_class_oid_index on pg_class",
          "Bitmap Heap Scan on t\n  ->  Bitmap Index Scan on i", "Seq Scan on", "Seq Scan on \"t",
          "Seq Scan on t  (cost=", "Index Scan using  on t", "Seq Scan on t  (x) y",
          " Seq Scan on t", "Sample Scan on t", "Trigger a'b: time=1", "Foreign Scan on t", "'",
          "\""})
        EXPECT_EQ(rewritten(plan), plan);
}

/// But for the scans' own lines, and the heap's, all that comes in goes out, in its order.
TEST(PlanForm, NoTextLosesALine)
{
    constexpr std::array<std::string_view, 20> pieces{
        "Seq Scan",
        "Index Scan",
        " using ",
        " on ",
        "t",
        "i_pkey",
        "->  ",
        "  ",
        "\n",
        "\n  ",
        "Filter: ",
        "'",
        "\"",
        "  (cost=1 rows=2)",
        " (actual rows=3 loops=1)",
        "Index Cond: ",
        "Output: a, b",
        ".",
        ")",
        "Rows Removed by Filter: 99999999999999999999"};
    std::mt19937 random(7); // NOLINT(cert-msc*-*): the same texts each time
    for (int round = 0; round < 2000; ++round) {
        std::string plan;
        for (auto count = random() % 30; count > 0; --count)
            plan += pieces.at(random() % pieces.size());
        const auto lines = split(plan, '\n');
        const auto result = dsql_plan(lines);
        auto position = result.begin();
        for (const auto line : lines) {
            if (line.contains("Scan"))
                continue;
            position = std::find(position, result.end(), line);
            ASSERT_NE(position, result.end()) << plan << "\n--- became\n" << join(result, "\n");
            ++position;
        }
    }
}

} // namespace
} // namespace nimbus::local::dsql
