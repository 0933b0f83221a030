#include "local/dsql/session_fixture.h"

#include <gmock/gmock.h>

/// How much a transaction, a table and a cluster may hold: Aurora DSQL User Guide, "Cluster
/// quotas".
namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;

constexpr const char* too_many_rows = "54000 transaction row limit exceeded";

std::string columns(int count)
{
    std::string list;
    for (int i = 0; i < count; ++i)
        list += (i > 0 ? ", c" : "c") + std::to_string(i) + " int";
    return list;
}

/// A text that does not get shorter by compression, made on the server.
std::string random_text(int length)
{
    return "(SELECT string_agg(chr(33 + (random() * 90)::int), '') FROM generate_series(1, " +
           std::to_string(length) + "))";
}

TEST_F(DsqlSession, TablesHaveLimits)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE wide (" + columns(257) + ")"),
              "54011 tables can have at most 255 columns");
    EXPECT_EQ(connection.run("CREATE TABLE wide (" + columns(256) + ")"), "CREATE TABLE");
    EXPECT_EQ(connection.run("ALTER TABLE wide ADD COLUMN more int"),
              "54011 tables can have at most 255 columns");
    EXPECT_EQ(connection.run("CREATE TABLE keyed (" + columns(257) + ", PRIMARY KEY (c0))"),
              "54011 cannot use more than 256 columns in an index");
    EXPECT_EQ(connection.run("CREATE TABLE keyed (" + columns(9) +
                             ", PRIMARY KEY (c0, c1, c2, c3, c4, c5, c6, c7, c8))"),
              "54011 more than 8 column keys in an index are not supported");
    EXPECT_EQ(connection.run("CREATE TABLE long (a varchar(1500), b varchar(501), PRIMARY KEY (a, "
                             "b))"),
              "54000 key size greater than 2000 bytes not supported");
    EXPECT_EQ(connection.run("CREATE TABLE long (a varchar(1500), b varchar(600))"),
              "CREATE TABLE");
    EXPECT_EQ(connection.run("CREATE INDEX ASYNC ON long (a, b)"),
              "54000 key size greater than 2000 bytes not supported");
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(connection.run("CREATE STATISTICS s" + std::to_string(i) + " ON a, b FROM long"),
                  "CREATE STATISTICS");
    EXPECT_EQ(connection.run("CREATE STATISTICS s5 ON a, b FROM long"),
              "54000 more than 5 extended statistics per table are not allowed");
    EXPECT_EQ(connection.run("DROP TABLE wide, long"), "DROP TABLE");
}

TEST_F(DsqlSession, ATableHasTwentyFourIndexes)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE indexed (id int PRIMARY KEY, a int UNIQUE, b int)"),
              "CREATE TABLE");
    for (int i = 0; i < 22; ++i)
        EXPECT_THAT(connection.run("CREATE INDEX ASYNC ON indexed (b)"),
                    testing::MatchesRegex("[a-z2-7]+"));
    constexpr const char* too_many = "54000 more than 24 indexes per table are not allowed";
    EXPECT_EQ(connection.run("CREATE INDEX ASYNC ON indexed (b)"), too_many);
    EXPECT_EQ(connection.run("CREATE UNIQUE INDEX ASYNC ON indexed (b)"), too_many);
    std::string columns = "id int PRIMARY KEY";
    for (int i = 0; i < 24; ++i)
        columns += ", u" + std::to_string(i) + " int UNIQUE";
    EXPECT_EQ(connection.run("CREATE TABLE more (" + columns + ")"), too_many);
    EXPECT_EQ(connection.run("DROP TABLE indexed"), "DROP TABLE");
}

/// By the sizes that were observed: docs say 1 KiB.
TEST_F(DsqlSession, KeysHaveASize)
{
    auto connection = admin();
    constexpr const char* too_large = "54000 key size too large";
    const auto text = [](std::size_t size) { return '\'' + std::string(size, 'x') + '\''; };
    EXPECT_EQ(connection.run("CREATE TABLE keyed (id text PRIMARY KEY, a varchar, n bigint)"),
              "CREATE TABLE");
    EXPECT_EQ(connection.run("INSERT INTO keyed VALUES (" + text(1981) + ")"), "INSERT 0 1");
    EXPECT_EQ(connection.run("INSERT INTO keyed VALUES (" + text(1982) + ")"), too_large)
        << "though it could be compressed";
    EXPECT_EQ(connection.run("INSERT INTO keyed SELECT " + random_text(2100)), too_large);
    EXPECT_EQ(connection.run("INSERT INTO keyed SELECT " + random_text(5000)), too_large);
    EXPECT_EQ(connection.run_extended("UPDATE keyed SET id = id || 'x'"), too_large);
    EXPECT_EQ(connection.run("UPDATE keyed SET a = " + text(5000)), "UPDATE 1")
        << "which is no key";
    // Behind another key comes the primary key, and what columns cost.
    EXPECT_EQ(connection.run("DELETE FROM keyed"), "DELETE 1");
    EXPECT_THAT(connection.run("CREATE INDEX ASYNC ON keyed (n, a)"),
                testing::MatchesRegex("[a-z2-7]+"));
    const auto row = [&](std::size_t size) {
        return "INSERT INTO keyed VALUES ('1234567890', " + text(size) + ", 1)";
    };
    EXPECT_EQ(connection.run(row(1981 - 10 - 8 - 2 * 7 + 1)), too_large);
    EXPECT_EQ(connection.run(row(1981 - 10 - 8 - 2 * 7)), "INSERT 0 1");
    EXPECT_EQ(connection.run("ALTER TABLE keyed DROP COLUMN a"), "ALTER TABLE");
    EXPECT_EQ(connection.run("DROP TABLE keyed"), "DROP TABLE");
}

TEST_F(DsqlSession, ADatabaseHoldsSoManyObjects)
{
    for (const auto& [kind, definition, count, error] :
         {std::tuple{"TABLE", "(n int)", 1000, "creating more than 1000 tables not allowed"},
          {"VIEW", "AS SELECT 1 AS n", 5000, "creating more than 5000 views not allowed"},
          {"SEQUENCE", "CACHE 1", 5000, "creating more than 5000 sequences is not allowed"}}) {
        SCOPED_TRACE(kind);
        // The server's owner, who has no limits, fills the cluster, and becomes admin.
        Connection owner("host=" + shared_->postgres.socket().parent_path().string() +
                         " user=nimbus dbname=postgres");
        ASSERT_TRUE(owner.ok()) << owner.error();
        const auto create = [&](const std::string& name) {
            return std::string("CREATE ") + kind + " public." + name + ' ' + definition;
        };
        owner.run("BEGIN");
        EXPECT_EQ(owner.run("DO $$ BEGIN FOR i IN 1.." + std::to_string(count - 1) +
                            " LOOP EXECUTE '" + create("many_' || i || '") + "'; END LOOP; END $$"),
                  "DO");
        EXPECT_EQ(owner.run("SET SESSION AUTHORIZATION admin"), "SET");
        EXPECT_EQ(owner.run(create("last")), std::string("CREATE ") + kind);
        EXPECT_EQ(owner.run(create("too_many")), std::string("54000 ") + error);
    }
}

TEST_F(DsqlSession, AViewsDefinitionHasASize)
{
    auto connection = admin();
    const auto view = [](std::size_t size) {
        return "CREATE VIEW long AS SELECT '" + std::string(size, 'x') + "'::text AS c";
    };
    EXPECT_EQ(connection.run(view(150'000)), "54000 view definition too large");
    EXPECT_EQ(connection.run(view(100'000)), "CREATE VIEW");
    EXPECT_EQ(connection.run("DROP VIEW long"), "DROP VIEW");
}

TEST_F(DsqlSession, AClusterHasTenSchemas)
{
    auto connection = admin();
    std::vector<std::string> made;
    std::string answer = "CREATE SCHEMA";
    while (answer == "CREATE SCHEMA" && made.size() < 20) {
        made.push_back("many" + std::to_string(made.size()));
        answer = connection.run("CREATE SCHEMA " + made.back());
    }
    EXPECT_EQ(answer, "54000 more than 10 schemas not allowed");
    made.pop_back();
    EXPECT_EQ(
        connection.run("SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname "
                       "NOT IN ('public', 'sys', 'information_schema')"),
        "10");
    EXPECT_EQ(connection.run("DROP SCHEMA " + join(made, ", ")), "DROP SCHEMA");
}

TEST_F(DsqlSession, WhatIsStoredHasLimits)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE heavy (id int PRIMARY KEY, a text, b text, c text)"),
              "CREATE TABLE");
    EXPECT_EQ(connection.run("INSERT INTO heavy SELECT 1, " + random_text(1'600'000)),
              "54000 datatype limit greater than 1048576 bytes not supported for text");
    EXPECT_EQ(connection.run("INSERT INTO heavy VALUES (1, repeat('x', 2000000))"), "INSERT 0 1")
        << "which is short where it is stored";
    EXPECT_EQ(connection.run("INSERT INTO heavy SELECT 2, t, t, t FROM " + random_text(900'000) +
                             " AS r (t)"),
              "54000 maximum row size exceeded");
    const auto rows_up_to = [](int last) {
        return "INSERT INTO heavy SELECT n, (SELECT string_agg(md5(n::text || i), '') FROM "
               "generate_series(1, 200) i) FROM generate_series(10, " +
               std::to_string(last) + ") n";
    };
    constexpr const char* too_large = "54000 transaction size limit 10mb exceeded";
    EXPECT_EQ(connection.run(rows_up_to(2500)), too_large);
    EXPECT_EQ(connection.run_extended(rows_up_to(2500)), too_large);
    EXPECT_EQ(connection.run(rows_up_to(1500)), "INSERT 0 1491");
    EXPECT_EQ(connection.run("UPDATE heavy SET a = a || 'z' WHERE id > 1"), "UPDATE 1491")
        << "each transaction begins anew";
    // A block learns of it at COMMIT.
    for (const bool extended : {false, true}) {
        const auto run = [&](const std::string& sql) {
            return extended ? connection.run_extended(sql) : connection.run(sql);
        };
        EXPECT_EQ(run("BEGIN"), "BEGIN");
        EXPECT_EQ(run("UPDATE heavy SET a = a || 'z' WHERE id > 1"), "UPDATE 1491");
        EXPECT_EQ(run("UPDATE heavy SET a = a || 'z' WHERE id > 1"), "UPDATE 1491");
        EXPECT_EQ(run("SELECT count(*) FROM heavy WHERE a LIKE '%zzz'"), "1491");
        EXPECT_EQ(run("COMMIT"), too_large);
        EXPECT_EQ(run("SELECT count(*) FROM heavy WHERE a LIKE '%zz'"), "0");
    }
    EXPECT_EQ(connection.run("INSERT INTO heavy VALUES (" + std::to_string(1) + std::string(", '") +
                             std::string(2'000'000, 'x') + "') ON CONFLICT DO NOTHING"),
              "INSERT 0 0")
        << "nor does it matter what is sent";
    EXPECT_EQ(connection.run("SELECT tgname FROM pg_trigger WHERE tgrelid = 'heavy'::regclass"),
              "");
    EXPECT_EQ(connection.run("SELECT trigger_name FROM information_schema.triggers"), "");
    EXPECT_EQ(connection.run("DROP TABLE heavy"), "DROP TABLE");
}

/// What foreign keys change counts with what the statement does.
TEST_F(DsqlSession, CascadedRowsCount)
{
    auto connection = admin();
    for (const auto& [action, change] :
         {std::pair{"ON DELETE CASCADE", "DELETE FROM up WHERE id <= "},
          {"ON DELETE SET NULL", "DELETE FROM up WHERE id <= "},
          {"ON DELETE SET DEFAULT", "DELETE FROM up WHERE id <= "},
          {"ON UPDATE CASCADE", "UPDATE up SET id = -id WHERE id <= "}}) {
        SCOPED_TRACE(action);
        auto other = admin(); // which knows of no table that was there before
        EXPECT_EQ(connection.run("CREATE TABLE up (id int PRIMARY KEY)"), "CREATE TABLE");
        EXPECT_EQ(connection.run("CREATE TABLE down (id int PRIMARY KEY, up int REFERENCES up " +
                                 std::string(action) + ")"),
                  "CREATE TABLE");
        EXPECT_EQ(connection.run("INSERT INTO up SELECT generate_series(1, 100)"), "INSERT 0 100");
        for (int part = 0; part < 2; ++part)
            EXPECT_EQ(
                connection.run("INSERT INTO down SELECT n, n % 100 + 1 FROM generate_series(" +
                               std::to_string(part * 3000 + 1) + ", " +
                               std::to_string(part * 3000 + 3000) + ") n"),
                "INSERT 0 3000");
        // 60 rows for each row
        for (const bool extended : {false, true}) {
            const auto run = [&](const std::string& sql) {
                return extended ? connection.run_extended(sql) : connection.run(sql);
            };
            EXPECT_EQ(run(change + std::string("50")), too_many_rows);
            EXPECT_EQ(run("BEGIN"), "BEGIN");
            EXPECT_THAT(run(change + std::string("49")), testing::EndsWith(" 49"));
            EXPECT_EQ(run("INSERT INTO up VALUES (1001), (1002), (1003), (1004), (1005), (1006), "
                          "(1007), (1008), (1009), (1010), (1011)"),
                      "INSERT 0 11");
            EXPECT_EQ(run("INSERT INTO up VALUES (1012)"), too_many_rows);
            EXPECT_EQ(run("ROLLBACK"), "ROLLBACK");
            // For who works on private copies, too.
            EXPECT_EQ(run("BEGIN"), "BEGIN");
            EXPECT_EQ(other.run("UPDATE down SET up = 100 WHERE id = 99"), "UPDATE 1");
            EXPECT_EQ(run("UPDATE down SET up = 99 WHERE id = 99"), "UPDATE 1");
            EXPECT_EQ(run(change + std::string("50")), too_many_rows);
            EXPECT_EQ(run("ROLLBACK"), "ROLLBACK");
        }
        EXPECT_EQ(connection.run("UPDATE down SET id = id WHERE id <= 3000"), "UPDATE 3000")
            << "a statement on the table itself counts once";
        EXPECT_EQ(connection.run("DROP TABLE down, up"), "DROP TABLE");
    }
}

TEST_F(DsqlSession, TheRowsOfSeveralStatementsInOneQueryAddUp)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE many (n int)"), "CREATE TABLE");
    const std::string half = "INSERT INTO many SELECT generate_series(1, 1501)";
    EXPECT_EQ(connection.run(half + ';' + half), too_many_rows);
    EXPECT_EQ(connection.run("SELECT count(*) FROM many"), "0");
    EXPECT_EQ(connection.run(half + "; DELETE FROM many; SELECT 1"), too_many_rows);
    EXPECT_EQ(connection.run(half + "; SELECT count(*) FROM many"), "1501");
    EXPECT_EQ(connection.run("DELETE FROM many"), "DELETE 1501");
    // As do those of a block, each once.
    std::string values;
    for (int n = 0; n < 1500; ++n)
        values += (n > 0 ? ", (" : "(") + std::to_string(n) + ')';
    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("INSERT INTO many VALUES " + values), "INSERT 0 1500");
    EXPECT_EQ(connection.run_extended("INSERT INTO many VALUES " + values), "INSERT 0 1500");
    EXPECT_EQ(connection.run("INSERT INTO many VALUES (1)"), too_many_rows);
    EXPECT_EQ(connection.run("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(connection.run("DROP TABLE many"), "DROP TABLE");
}

} // namespace
} // namespace nimbus::local::dsql
