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

TEST_F(DsqlSession, ThePagesProgramWorks)
{
    const auto key = application("page");
    {
        auto connection = connect("lambda_page", key, "options='-c search_path=page'");
        EXPECT_EQ(connection.run("CREATE TABLE IF NOT EXISTS users (id UUID PRIMARY KEY DEFAULT "
                                 "gen_random_uuid(), name VARCHAR(100) NOT NULL, email "
                                 "VARCHAR(100) UNIQUE NOT NULL, created_at TIMESTAMP DEFAULT "
                                 "CURRENT_TIMESTAMP)"),
                  "CREATE TABLE");
        EXPECT_EQ(connection.run("CREATE TABLE IF NOT EXISTS posts (id UUID PRIMARY KEY DEFAULT "
                                 "gen_random_uuid(), user_id UUID REFERENCES users(id), title "
                                 "VARCHAR(200) NOT NULL, content TEXT)"),
                  "CREATE TABLE");
        const auto id = connection.run_extended(
            "INSERT INTO users (name, email) VALUES ($1, $2) RETURNING id", {"Ada", "a@b"});
        EXPECT_EQ(id.size(), 36U);
        EXPECT_THAT(
            connection.run_extended("INSERT INTO users (name, email) VALUES ($1, $2) RETURNING *",
                                    {"Eve", "a@b"}),
            StartsWith("23505 duplicate key value violates unique constraint"));
        EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
        EXPECT_EQ(
            connection.run_extended("INSERT INTO posts (user_id, title) VALUES ($1, 'x')", {id}),
            "INSERT 0 1");
        EXPECT_EQ(connection.run("COMMIT"), "COMMIT");
        EXPECT_EQ(connection.run("SELECT u.name, p.title FROM posts p JOIN users u ON "
                                 "p.user_id = u.id"),
                  "Ada|x");
        EXPECT_THAT(connection.run("INSERT INTO posts (user_id, title) VALUES "
                                   "(gen_random_uuid(), 'y')"),
                    StartsWith("23503 "));
        EXPECT_EQ(connection.run("SELECT count(*) FROM users; SELECT 7"), "7");
        EXPECT_EQ(connection.run("UPDATE users SET name = 'Bob' RETURNING name"), "Bob");
        EXPECT_EQ(connection.run("UPDATE users SET name = 'Bob'"), "UPDATE 1");
        EXPECT_EQ(connection.run(""), "PGRES_EMPTY_QUERY");
    }
    forget("page");
}

TEST_F(DsqlSession, RefusalsComeWhereTheStatementStood)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("TRUNCATE t"), "0A000 unsupported statement: Truncate");
    EXPECT_EQ(connection.run_extended("TRUNCATE t"), "0A000 unsupported statement: Truncate");
    EXPECT_EQ(connection.run("SELECT 1; TRUNCATE t; SELECT 2"),
              "0A000 unsupported statement: Truncate");
    EXPECT_EQ(connection.run("SELEC 1"), "42601 syntax error at or near \"SELEC\"");
    EXPECT_EQ(connection.run("SELECT 1"), "1");

    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("TRUNCATE t"), "0A000 unsupported statement: Truncate");
    constexpr const char* aborted =
        "25P02 current transaction is aborted, commands ignored until end of transaction block";
    EXPECT_EQ(connection.run("TRUNCATE t"), aborted);
    EXPECT_EQ(connection.run_extended("SELECT 1"), aborted);
    EXPECT_EQ(connection.run("COMMIT"), "ROLLBACK");

    EXPECT_THAT(log(), HasSubstr("unsupported statement: Truncate"));
    EXPECT_THAT(log(), AllOf(HasSubstr("reason=\"a syntax error\""), Not(HasSubstr("SELEC"))))
        << "statements stay out of the log";
}

TEST_F(DsqlSession, APipelinesErrorsBelongToTheirStatements)
{
    auto connection = admin();
    auto* raw = connection.get();
    ASSERT_EQ(PQenterPipelineMode(raw), 1);
    const auto send = [&](const char* sql) {
        PQsendQueryParams(raw, sql, 0, nullptr, nullptr, nullptr, nullptr, 0);
    };
    send("SELECT 1");
    send("VACUUM");
    send("SELECT 2");
    PQpipelineSync(raw);
    send("SELECT 3");
    PQpipelineSync(raw);
    const auto next = [&] {
        auto text = Connection::text_of(PQgetResult(raw));
        PQclear(PQgetResult(raw));
        return text;
    };
    EXPECT_EQ(next(), "1");
    EXPECT_EQ(next(), "0A000 unsupported VACUUM statement");
    EXPECT_EQ(next(), "PGRES_PIPELINE_ABORTED");
    EXPECT_EQ(Connection::text_of(PQgetResult(raw)), "PGRES_PIPELINE_SYNC");
    EXPECT_EQ(next(), "3");
    EXPECT_EQ(Connection::text_of(PQgetResult(raw)), "PGRES_PIPELINE_SYNC");
}

TEST_F(DsqlSession, DdlStandsAlone)
{
    auto connection = admin();
    constexpr const char* multiple = "0A000 multiple ddl statements not supported in a transaction";
    constexpr const char* mixed = "0A000 ddl and dml are not supported in the same transaction";
    EXPECT_EQ(connection.run("CREATE TABLE a (x int); CREATE TABLE b (x int)"), multiple);
    EXPECT_EQ(connection.run("SELECT * FROM a"), "42P01 relation \"a\" does not exist");
    EXPECT_EQ(connection.run("CREATE TABLE a (x int)"), "CREATE TABLE");
    EXPECT_EQ(connection.run("INSERT INTO a VALUES (1); CREATE TABLE b (x int)"), mixed);
    for (const auto& [first, second, error] :
         {std::tuple{"CREATE TABLE b (x int)", "CREATE TABLE c (x int)", multiple},
          std::tuple{"GRANT SELECT ON a TO admin", "GRANT SELECT ON a TO admin", multiple},
          std::tuple{"CREATE TABLE b (x int)", "INSERT INTO a VALUES (1)", mixed},
          std::tuple{"DELETE FROM a", "CREATE TABLE b (x int)", mixed}}) {
        connection.run("BEGIN");
        EXPECT_THAT(connection.run(first), Not(StartsWith("0A000"))) << first;
        EXPECT_EQ(connection.run_extended(second), error) << first << "; " << second;
        connection.run("ROLLBACK");
    }
    // A statement that is prepared once counts each time it is executed.
    PQclear(PQprepare(connection.get(), "insert", "INSERT INTO a VALUES (1)", 0, nullptr));
    const auto insert = [&] {
        return Connection::text_of(
            PQexecPrepared(connection.get(), "insert", 0, nullptr, nullptr, nullptr, 0));
    };
    EXPECT_EQ(insert(), "INSERT 0 1");
    connection.run("BEGIN");
    connection.run("CREATE TABLE b (x int)");
    EXPECT_EQ(insert(), mixed);
    connection.run("ROLLBACK");
    EXPECT_EQ(insert(), "INSERT 0 1");
    EXPECT_EQ(connection.run("DROP TABLE a"), "DROP TABLE");
}

TEST_F(DsqlSession, TransactionsHaveARowLimit)
{
    auto connection = admin();
    constexpr const char* limit = "54000 transaction row limit exceeded";
    connection.run("CREATE TABLE r (x int)");
    EXPECT_EQ(connection.run("INSERT INTO r SELECT generate_series(1, 3000)"), "INSERT 0 3000");
    EXPECT_EQ(connection.run("INSERT INTO r SELECT generate_series(1, 3001)"), limit);
    EXPECT_EQ(connection.run_extended("INSERT INTO r SELECT generate_series(1, 3001)"), limit);
    EXPECT_EQ(connection.run("SELECT count(*) FROM r"), "3000");
    EXPECT_EQ(connection.run_extended("UPDATE r SET x = x + 1"), "UPDATE 3000");

    connection.run("BEGIN");
    EXPECT_EQ(connection.run("UPDATE r SET x = x + 1"), "UPDATE 3000");
    EXPECT_EQ(connection.run("INSERT INTO r VALUES (1)"), limit);
    EXPECT_THAT(connection.run("SELECT 1"), StartsWith("25P02"));
    connection.run("ROLLBACK");

    ASSERT_EQ(connection.run("COPY r FROM STDIN"), "PGRES_COPY_IN");
    std::string rows;
    for (int i = 0; i < 3'001; ++i)
        rows += "1\n";
    PQputCopyData(connection.get(), rows.data(), static_cast<int>(rows.size()));
    PQputCopyEnd(connection.get(), nullptr);
    EXPECT_EQ(Connection::text_of(PQgetResult(connection.get())), limit);
    PQclear(PQgetResult(connection.get()));

    EXPECT_EQ(connection.run("SELECT count(*) FROM r"), "3000");
    connection.run("DROP TABLE r");
}

/// Each form of COPY, and each COPY of a text.
TEST_F(DsqlSession, CopyHasTheRowLimitInEveryForm)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE copied (a text)"), "CREATE TABLE");
    const auto send = [&](const std::string& data) {
        PQputCopyData(connection.get(), data.data(), static_cast<int>(data.size()));
        PQputCopyEnd(connection.get(), nullptr);
    };
    const auto error = [&] {
        std::string text;
        while (auto* result = PQgetResult(connection.get())) {
            if (PQresultStatus(result) == PGRES_FATAL_ERROR)
                text += PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
            PQclear(result);
        }
        return text;
    };
    const auto many = [](const std::string& row) {
        std::string rows;
        for (int i = 0; i < 3'001; ++i)
            rows += row;
        return rows;
    };
    ASSERT_EQ(connection.run("COPY copied FROM STDIN (FORMAT csv)"), "PGRES_COPY_IN");
    send(many("a\r"));
    EXPECT_EQ(error(), "transaction row limit exceeded");
    ASSERT_EQ(connection.run("COPY copied FROM STDIN (FORMAT binary)"), "PGRES_COPY_IN");
    send(std::string("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19) +
         many(std::string("\0\1\0\0\0\1a", 7)) + "\xff\xff");
    EXPECT_EQ(error(), "transaction row limit exceeded");
    ASSERT_EQ(connection.run("COPY copied FROM STDIN; COPY copied FROM STDIN"), "PGRES_COPY_IN");
    send("a\n");
    for (const auto expected : {PGRES_COMMAND_OK, PGRES_COPY_IN}) {
        auto* result = PQgetResult(connection.get());
        EXPECT_EQ(PQresultStatus(result), expected);
        PQclear(result);
    }
    send(many("a\n"));
    EXPECT_EQ(error(), "transaction row limit exceeded");
    ASSERT_EQ(connection.run("COPY copied FROM STDIN (FORMAT csv, HEADER)"), "PGRES_COPY_IN");
    send("a\n" + many("\"b\nc\"\n").substr(6));
    EXPECT_EQ(error(), "");
    EXPECT_EQ(connection.run("SELECT count(*) FROM copied"), "3000");
    EXPECT_EQ(connection.run("DROP TABLE copied"), "DROP TABLE");
}

TEST_F(DsqlSession, TransactionsHaveAnAge)
{
    std::atomic<int> seconds{0};
    listen([&](SessionContext& context) {
        context.clock = [&seconds] { return system_now() + std::chrono::seconds{seconds.load()}; };
    });
    auto connection = admin();
    connection.run("BEGIN");
    EXPECT_EQ(connection.run("SELECT 1"), "1");
    seconds = 301;
    EXPECT_EQ(connection.run("SELECT 1"), "54000 transaction age limit of 300s exceeded");
    EXPECT_EQ(connection.run("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(connection.run("SELECT 1"), "1");
    listener_.reset();
}

TEST_F(DsqlSession, IndexesAreBuiltByJobs)
{
    auto connection = admin();
    connection.run("CREATE TABLE i (a int, b jsonb)");
    for (const bool extended : {false, true}) {
        const auto sql =
            std::string("CREATE INDEX ASYNC i_") + (extended ? "y" : "x") + " ON i (a)";
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(
            extended ? PQexecParams(connection.get(), sql.c_str(), 0, nullptr, nullptr, nullptr,
                                    nullptr, 0)
                     : PQexec(connection.get(), sql.c_str()),
            PQclear);
        ASSERT_EQ(PQresultStatus(result.get()), PGRES_TUPLES_OK)
            << PQresultErrorMessage(result.get());
        EXPECT_STREQ(PQcmdStatus(result.get()), "CREATE INDEX");
        EXPECT_STREQ(PQfname(result.get(), 0), "job_id");
        const std::string job = PQgetvalue(result.get(), 0, 0);
        EXPECT_THAT(job, MatchesRegex("[a-z2-7]+"));
        EXPECT_EQ(job.size(), 26U);
        EXPECT_EQ(connection.run("CALL sys.wait_for_job('" + job + "')"), "CALL");
        EXPECT_EQ(connection.run("SELECT status, job_type, object_name FROM sys.jobs WHERE "
                                 "job_id = '" +
                                 job + "'"),
                  std::string("completed|INDEX_BUILD|public.i_") + (extended ? "y" : "x"));
    }
    EXPECT_EQ(connection.run("CREATE INDEX ASYNC ON i (b)"),
              "0A000 datatype jsonb is not supported in a key");
    EXPECT_EQ(connection.run("CREATE INDEX ASYNC ON nothing (b)"),
              "42P01 relation \"nothing\" does not exist");
    EXPECT_EQ(connection.run("CREATE INDEX ASYNC i_x ON i (a)"),
              "42P07 relation \"i_x\" already exists");
    connection.run("INSERT INTO i VALUES (1), (1)");
    const auto failed = connection.run("CREATE UNIQUE INDEX ASYNC ON i (a)");
    EXPECT_EQ(
        connection.run("SELECT status, details FROM sys.jobs WHERE job_id = '" + failed + "'"),
        "failed|Found duplicate key while validating index for UCVs");
    EXPECT_EQ(connection.run("SELECT sys.wait_for_job('x')"),
              "42809 sys.wait_for_job(unknown) is a procedure");
    EXPECT_EQ(connection.run("CALL sys.wait_for_job('x')"), "22P02 Unable to convert text to UUID");
    connection.run("DROP TABLE i");
}

TEST_F(DsqlSession, ColumnsHaveDsqlsTypesByWhateverName)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE typed (id int PRIMARY KEY)"), "CREATE TABLE");
    EXPECT_EQ(connection.run("CREATE TABLE row_type (id int PRIMARY KEY)"), "CREATE TABLE");
    EXPECT_EQ(connection.run("CREATE DOMAIN short AS varchar(9)"), "CREATE DOMAIN");
    EXPECT_EQ(connection.run("CREATE DOMAIN shorter AS short CHECK (length(value) < 5)"),
              "CREATE DOMAIN");
    EXPECT_EQ(connection.run("ALTER TABLE typed ADD COLUMN a shorter"), "ALTER TABLE");
    for (const auto& [type, refusal] :
         {std::pair{"_int4", "0A000 datatype integer[] not supported"},
          {"pg_catalog._text", "0A000 datatype text[] not supported"},
          {"oid", "0A000 datatype oid not supported"},
          {"name", "0A000 datatype name not supported"},
          {"\"char\"", "0A000 datatype \"char\" not supported"},
          {"xid8", "0A000 datatype xid8 not supported"},
          {"regclass", "0A000 datatype regclass not supported"},
          {"information_schema.sql_identifier",
           "0A000 datatype information_schema.sql_identifier not supported"},
          {"pg_class", "42704 type \"pg_class\" does not exist"},
          {"row_type", "42704 type \"row_type\" does not exist"}}) {
        SCOPED_TRACE(type);
        EXPECT_EQ(
            connection.run(std::string("CREATE TABLE other (id int PRIMARY KEY, a ") + type + ")"),
            refusal);
        EXPECT_EQ(connection.run(std::string("ALTER TABLE typed ADD COLUMN b ") + type), refusal);
        if (!std::string_view(refusal).starts_with("42704")) {
            EXPECT_EQ(connection.run(std::string("CREATE DOMAIN other AS ") + type), refusal);
        }
    }
    connection.run("DROP TABLE typed");
    connection.run("DROP TABLE row_type");
    connection.run("DROP DOMAIN shorter");
    connection.run("DROP DOMAIN short");
}

TEST_F(DsqlSession, TriggersAreSwitchedWithoutEffect)
{
    auto connection = admin();
    connection.run("CREATE TABLE parents (id int PRIMARY KEY)");
    EXPECT_EQ(connection.run("CREATE TABLE switched (id int PRIMARY KEY, parent int REFERENCES "
                             "parents, value text)"),
              "CREATE TABLE");
    for (const char* statement :
         {"ALTER TABLE switched DISABLE TRIGGER ALL", "ALTER TABLE switched DISABLE TRIGGER USER",
          "ALTER TABLE switched ENABLE TRIGGER ALL",
          "ALTER TABLE switched disable trigger user, ALTER value SET DEFAULT 'x'"})
        EXPECT_EQ(connection.run(statement), "ALTER TABLE") << statement;
    EXPECT_EQ(connection.run("DROP TRIGGER IF EXISTS nimbus_sizes ON switched"), "DROP TRIGGER");
    EXPECT_EQ(connection.run("DROP TRIGGER IF EXISTS mine ON switched"), "DROP TRIGGER");
    EXPECT_EQ(connection.run("INSERT INTO switched SELECT 1, NULL, string_agg(md5(n::text), '') "
                             "FROM generate_series(1, 100000) n"),
              "54000 datatype limit greater than 1048576 bytes not supported for text");
    EXPECT_THAT(connection.run("INSERT INTO switched VALUES (1, 7)"), HasSubstr("23503"));
    EXPECT_EQ(connection.run("INSERT INTO switched VALUES (1) RETURNING value"), "x");
    connection.run("DROP TABLE switched");
    connection.run("DROP TABLE parents");
}

TEST_F(DsqlSession, ThePrimaryKeyNeverChanges)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE keyed (a int, b int, c int CONSTRAINT positive CHECK (c "
                             "> 0), d int UNIQUE, PRIMARY KEY (a, b))"),
              "CREATE TABLE");
    EXPECT_EQ(connection.run("ALTER TABLE keyed DROP CONSTRAINT keyed_pkey"),
              "0A000 unsupported ALTER TABLE DROP CONSTRAINT statement");
    EXPECT_EQ(connection.run("ALTER TABLE public.keyed DROP c, DROP COLUMN b CASCADE"),
              "0A000 cannot drop primary key column b");
    EXPECT_EQ(connection.run("ALTER TABLE keyed DROP CONSTRAINT positive"), "ALTER TABLE");
    EXPECT_EQ(connection.run_extended("ALTER TABLE keyed DROP CONSTRAINT keyed_d_key"),
              "ALTER TABLE");
    EXPECT_EQ(connection.run("ALTER TABLE keyed DROP COLUMN IF EXISTS c, DROP COLUMN d"),
              "ALTER TABLE");
    EXPECT_EQ(connection.run("ALTER TABLE keyed DROP COLUMN c"),
              "42703 column \"c\" of relation \"keyed\" does not exist");
    EXPECT_EQ(connection.run("ALTER TABLE nowhere DROP COLUMN c"),
              "42P01 relation \"nowhere\" does not exist");
    EXPECT_EQ(connection.run("ALTER TABLE IF EXISTS nowhere DROP COLUMN c"), "ALTER TABLE");
    EXPECT_EQ(connection.run("INSERT INTO keyed VALUES (1, 2)"), "INSERT 0 1");
    EXPECT_EQ(connection.run("DROP TABLE keyed"), "DROP TABLE");
}

TEST_F(DsqlSession, TheCatalogueHasWhatDsqlsHas)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT to_tsvector('english', 'a b')"),
              "42704 text search configuration \"english\" does not exist");
    EXPECT_EQ(connection.run("SELECT count(*) FROM pg_available_extensions"), "0");
    EXPECT_EQ(connection.run("SELECT count(*) FROM pg_available_extension_versions"), "0");
    EXPECT_EQ(connection.run("ALTER USER \"admin\" SET SEARCH_PATH = \"public\""), "ALTER ROLE");
    EXPECT_EQ(connection.run("ALTER USER \"admin\" RESET SEARCH_PATH"), "ALTER ROLE");
}

TEST_F(DsqlSession, VersionsAreDsqls)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT version()"), "PostgreSQL 16");
    EXPECT_EQ(connection.run("SHOW server_version"), "16.15");
    EXPECT_EQ(connection.run_extended("SHOW server_version_num"), "160015");
    EXPECT_EQ(connection.run("SELECT current_setting('server_version_num')"), "160015");
    EXPECT_EQ(connection.run("SELECT * FROM sys.dsql_major_version()"), "1");
}

TEST_F(DsqlSession, TheServerIsOfTheMajorVersionThatItAnnounces)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT sum(a) FROM (VALUES (0x1F), (1_000)) AS v (a)"), "1031");
    EXPECT_EQ(connection.run("SELECT * FROM (SELECT JSON_ARRAY(1, 'a'))"), "[1, \"a\"]");
    EXPECT_EQ(connection.run("SELECT '{}' IS JSON OBJECT, any_value(1), "
                             "pg_input_is_valid('x', 'integer')"),
              "t|1|f");
    EXPECT_EQ(connection.run("SELECT daticurules, datlocprovider FROM pg_database "
                             "WHERE datname = 'postgres'"),
              "|c");
    EXPECT_EQ(connection.run("SELECT pg_read_file('/etc/passwd', true)"),
              "0A000 function pg_read_file not supported");
    EXPECT_EQ(connection.run("SELECT pg_log_standby_snapshot()"),
              "0A000 function pg_log_standby_snapshot not supported");
}

} // namespace
} // namespace nimbus::local::dsql
