#include "local/dsql/database_connection.h"
#include "local/dsql/session_fixture.h"

#include <gmock/gmock.h>

namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

TEST_F(DsqlSession, MappingsAreMadeByAdminAlone)
{
    auto connection = admin();
    const auto arn = FakeAccess::arn("reader");
    shared_->access.make_role("reader", {});
    EXPECT_EQ(connection.run("AWS IAM GRANT reader TO 'nonsense'"),
              "22023 IAM role must look like an IAM ARN");
    EXPECT_EQ(connection.run("AWS IAM GRANT reader TO '" + FakeAccess::arn("gone") + "'"),
              "42704 IAM role " + FakeAccess::arn("gone") + " does not exist");
    EXPECT_EQ(connection.run("AWS IAM GRANT reader TO '" + arn + "'"),
              "42704 Role reader does not exist");
    connection.run("CREATE ROLE reader");
    EXPECT_EQ(connection.run("AWS IAM GRANT reader TO '" + arn + "'"),
              "22023 role reader must have the LOGIN attribute");
    EXPECT_EQ(connection.run("ALTER ROLE reader LOGIN"), "ALTER ROLE");
    EXPECT_EQ(connection.run_extended("AWS IAM GRANT reader TO '" + arn + "'"), "AWS IAM GRANT");
    EXPECT_THAT(connection.run("AWS IAM GRANT reader TO '" + arn + "'"), StartsWith("42710 "));
    EXPECT_EQ(connection.run("SELECT arn, pg_role_name, grantor_pg_role_name FROM "
                             "sys.iam_pg_role_mappings WHERE pg_role_name = 'reader'"),
              arn + "|reader|admin");
    EXPECT_EQ(connection.run("DROP ROLE reader"),
              "2BP01 role reader cannot be dropped because some objects depend on it");
    connection.run("BEGIN");
    EXPECT_EQ(connection.run("AWS IAM REVOKE reader FROM '" + arn + "'"), "AWS IAM REVOKE");
    EXPECT_EQ(connection.run("CREATE ROLE other"),
              "0A000 multiple ddl statements not supported in a transaction");
    connection.run("ROLLBACK");
    EXPECT_EQ(connection.run("AWS IAM REVOKE reader FROM '" + arn + "'"), "AWS IAM REVOKE");
    EXPECT_THAT(connection.run("AWS IAM REVOKE reader FROM '" + arn + "'"), StartsWith("42704 "));
    EXPECT_EQ(connection.run("DROP ROLE reader"), "DROP ROLE");
    EXPECT_EQ(connection.run("DROP ROLE IF EXISTS reader"), "DROP ROLE");
    EXPECT_EQ(connection.run("DROP ROLE reader"), "42704 role \"reader\" does not exist");
}

TEST_F(DsqlSession, AdminIsNoSuperuser)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname NOT LIKE "
                             "'pg\\_%'"),
              "admin");
    EXPECT_EQ(connection.run("SELECT usename FROM pg_user"), "admin");
    for (const char* statement : {"GRANT pg_execute_server_program TO admin",
                                  "CREATE ROLE x SUPERUSER",
                                  "ALTER ROLE admin SUPERUSER",
                                  "COPY (SELECT 1) TO PROGRAM 'id'",
                                  "SELECT pg_read_file('/etc/passwd')",
                                  "SELECT lo_import('/etc/passwd')",
                                  "SET SESSION AUTHORIZATION nimbus",
                                  "SET ROLE nimbus",
                                  "RESET SESSION AUTHORIZATION",
                                  "DISCARD ALL",
                                  "SELECT set_config('session_authorization', 'nimbus', false)",
                                  "SELECT set_config('role', 'nimbus', false)",
                                  "GRANT nimbus TO admin",
                                  "ALTER SYSTEM SET work_mem = '1MB'",
                                  "SELECT * FROM pg_authid",
                                  "SELECT sys.nimbus_add_job('a', 1, 'b')",
                                  "CALL sys.nimbus_iam_grant('a', 'b', 'c')",
                                  "UPDATE pg_catalog.pg_class SET relname = 'x'",
                                  "DROP SCHEMA sys CASCADE",
                                  "SELECT query_to_xml('SELECT 1', true, true, '')",
                                  "SELECT * FROM ts_stat('SELECT 1')",
                                  "INSERT INTO sys.nimbus_mappings VALUES (1, 'a', 'b', 1, 1)",
                                  "CREATE EVENT TRIGGER x ON ddl_command_end EXECUTE FUNCTION f()"})
        EXPECT_THAT(connection.run(statement), MatchesRegex("(42501|0A000|42704|42883|22023) .*"))
            << statement;
}

/// On some, the reading of texts depends: behind the dialect, what was checked would not be what
/// runs.
TEST_F(DsqlSession, NobodyChangesASettingBehindTheDialect)
{
    const auto key = application("settings");
    {
        auto connection = connect("lambda_settings", key);
        EXPECT_EQ(connection.run("CREATE VIEW settings.v AS SELECT * FROM pg_settings"),
                  "CREATE VIEW");
        for (const char* statement :
             {"UPDATE settings.v SET setting = 'off' WHERE name = 'standard_conforming_strings'",
              "UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings'",
              "WITH x AS (UPDATE pg_catalog.pg_settings SET setting = '0' RETURNING 1) TABLE x",
              "SELECT set_config('standard_conforming_strings', 'off', false)",
              "SELECT pg_catalog.set_config('standard_' || 'conforming_strings', 'off', true)",
              "SELECT set_config(name, 'off', false) FROM settings.v WHERE name LIKE 'standard%'",
              "SELECT * FROM set_config('statement_timeout', '0', false)",
              "SELECT set_config('client_encoding', 'SJIS', false)",
              "SELECT sys.nimbus_set_config('role', 'admin', false)",
              "ALTER ROLE lambda_settings SET standard_conforming_strings = off",
              "ALTER DATABASE postgres SET standard_conforming_strings = off"})
            EXPECT_THAT(connection.run(statement), MatchesRegex("(42501|0A000|42883|55000) .*"))
                << statement;
        EXPECT_EQ(connection.run("SELECT current_setting('standard_conforming_strings'), "
                                 "current_setting('statement_timeout')"),
                  "on|5min");
    }
    forget("settings");
}

TEST_F(DsqlSession, SetConfigSetsWhatSetDoes)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT set_config('search_path', 'a, b', false)"), "a, b");
    EXPECT_EQ(connection.run("SHOW search_path"), "a, b");
    EXPECT_EQ(connection.run("SELECT set_config('Time' || 'Zone', 'Europe/Berlin', false)"),
              "Europe/Berlin");
    EXPECT_EQ(connection.run("SHOW timezone"), "Europe/Berlin");
    EXPECT_EQ(connection.run("SELECT set_config('client_encoding', 'utf-8', false)"), "UTF8");
    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("SELECT set_config('search_path', 'c', true)"), "c");
    EXPECT_EQ(connection.run("SHOW search_path"), "c");
    EXPECT_EQ(connection.run("COMMIT"), "COMMIT");
    EXPECT_EQ(connection.run("SHOW search_path"), "a, b");
    EXPECT_EQ(connection.run("CREATE ROLE other"), "CREATE ROLE");
    EXPECT_EQ(connection.run("GRANT other TO admin"), "GRANT ROLE");
    EXPECT_EQ(connection.run("SELECT set_config('role', 'other', false)"), "other");
    EXPECT_EQ(connection.run("SELECT current_user"), "other");
    EXPECT_EQ(connection.run("SELECT set_config('role', 'none', false)"), "none");
    EXPECT_EQ(connection.run("SELECT current_user"), "admin");
    EXPECT_EQ(connection.run("DROP ROLE other"), "DROP ROLE");
    EXPECT_EQ(connection.run("SELECT set_config('lock_timeout', '0', false)"),
              "0A000 setting configuration parameter \"lock_timeout\" not supported");
}

TEST_F(DsqlSession, ASessionWhoseServerReadsTextsOtherwiseIsRefused)
{
    const auto key = application("otherwise");
    const auto deadline = Deadline::after(std::chrono::seconds{20});
    auto superuser = DatabaseConnection::open(
        shared_->postgres.socket(), {{"user", "nimbus"}, {"database", "postgres"}}, -1, deadline);
    ASSERT_TRUE(superuser);
    ASSERT_TRUE(superuser->run("ALTER ROLE lambda_otherwise SET standard_conforming_strings = off",
                               deadline));
    EXPECT_THAT(connect("lambda_otherwise", key).error(),
                HasSubstr("the setting standard_conforming_strings was changed"));
    forget("otherwise");
}

/// What the cluster's roles have made is not found by its name where the superuser works.
TEST_F(DsqlSession, TheBootstrapCallsNothingOfAdmins)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE public.calls (name text)"), "CREATE TABLE");
    EXPECT_EQ(connection.run("CREATE FUNCTION public.format(text, regprocedure) RETURNS text "
                             "LANGUAGE sql AS $$ INSERT INTO public.calls VALUES (current_user); "
                             "SELECT 'x' $$"),
              "CREATE FUNCTION");
    const auto deadline = Deadline::after(std::chrono::seconds{20});
    auto superuser = DatabaseConnection::open(
        shared_->postgres.socket(), {{"user", "nimbus"}, {"database", "postgres"}}, -1, deadline);
    ASSERT_TRUE(superuser);
    ASSERT_TRUE(superuser->run("COMMENT ON SCHEMA sys IS 'an older revision'", deadline));
    bootstrap_cluster(shared_->postgres.socket(), "nimbus");
    EXPECT_EQ(connection.run("SELECT count(*) FROM public.calls"), "0");
    EXPECT_EQ(connection.run("DROP FUNCTION public.format(text, regprocedure)"), "DROP FUNCTION");
    EXPECT_EQ(connection.run("DROP TABLE public.calls"), "DROP TABLE");
}

/// Should a statement ever get past the dialect.
TEST_F(DsqlSession, PostgreSqlItselfKeepsItsPredefinedRolesFromAdmin)
{
    const auto deadline = Deadline::after(std::chrono::seconds{20});
    auto database = DatabaseConnection::open(
        shared_->postgres.socket(), {{"user", "admin"}, {"database", "postgres"}}, -1, deadline);
    ASSERT_TRUE(database);
    for (const char* role : {"pg_execute_server_program", "pg_read_server_files",
                             "pg_write_server_files", "pg_read_all_data"}) {
        const auto result = database->run("GRANT " + std::string(role) + " TO admin", deadline);
        ASSERT_FALSE(result) << role;
        EXPECT_EQ(result.error().sqlstate, "42501") << role;
    }
}

TEST_F(DsqlSession, ApplicationsAreIsolated)
{
    const auto blue_key = application("blue");
    const auto red_key = application("red");
    {
        auto blue = connect("lambda_blue", blue_key);
        auto red = connect("lambda_red", red_key);
        EXPECT_EQ(blue.run("CREATE TABLE blue.blue_things (name text)"), "CREATE TABLE");
        EXPECT_EQ(blue.run("INSERT INTO blue.blue_things VALUES ('blue')"), "INSERT 0 1");
        EXPECT_EQ(red.run("SELECT * FROM blue.blue_things"),
                  "42501 permission denied for schema blue");
        for (const char* statement :
             {"INSERT INTO blue.blue_things VALUES ('mine')", "DROP TABLE blue.blue_things",
              "CREATE TABLE blue.mine (a text)", "DROP SCHEMA blue CASCADE",
              "GRANT ALL ON SCHEMA blue TO lambda_red", "ALTER SCHEMA blue OWNER TO lambda_red",
              "SET ROLE lambda_blue", "SET ROLE admin", "SET SESSION AUTHORIZATION lambda_blue",
              "GRANT lambda_blue TO lambda_red", "GRANT admin TO lambda_red",
              "CREATE ROLE another LOGIN", "ALTER ROLE lambda_red SUPERUSER",
              "AWS IAM GRANT lambda_red TO 'arn:aws:iam::000000000000:role/mine'",
              "CREATE SCHEMA mine", "CREATE TABLE public.mine (a int)",
              "CREATE INDEX ASYNC ON blue.blue_things (name)", "CREATE TEMP TABLE mine (a int)"})
            EXPECT_THAT(red.run(statement), MatchesRegex("(42501|0A000|42704) .*")) << statement;
        for (const char* listing :
             {"SELECT relname FROM pg_class WHERE relname LIKE 'blue%'",
              "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_namespace n ON n.oid = "
              "c.relnamespace WHERE n.nspname = 'blue'",
              "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = 'blue'",
              "SELECT tablename FROM pg_tables WHERE schemaname = 'blue'",
              "SELECT typname FROM pg_type WHERE typname LIKE 'blue%'",
              "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'blue'",
              "SELECT objid::regclass FROM pg_shdepend WHERE objid::regclass::text LIKE '%blue%'",
              "SELECT objid::regclass FROM pg_depend WHERE objid::regclass::text LIKE '%blue%'",
              "SELECT indrelid::regclass FROM pg_index WHERE indrelid::regclass::text LIKE "
              "'%blue%'",
              "SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE "
              "c.relname LIKE 'blue%'",
              "SELECT table_name FROM information_schema.tables WHERE table_schema = 'blue'",
              "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'blue'",
              "SELECT column_name FROM information_schema.columns WHERE table_name LIKE 'blue%'"})
            EXPECT_EQ(red.run(listing), "") << listing;
        EXPECT_EQ(red.run("CREATE TABLE red.mine (a int)"), "CREATE TABLE");
        EXPECT_EQ(red.run("SELECT tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg%' AND "
                          "schemaname NOT IN ('information_schema', 'sys')"),
                  "mine");
        EXPECT_EQ(red.run("SELECT attname FROM pg_attribute WHERE attrelid = 'red.mine'::regclass "
                          "AND attnum > 0"),
                  "a");
        EXPECT_EQ(admin().run("SELECT relname FROM pg_class WHERE relname = 'blue_things'"),
                  "blue_things");
        EXPECT_EQ(blue.run("SELECT name FROM blue.blue_things"), "blue");
    }
    forget("blue");
    forget("red");
}

/// t.f, where t is a row's only value, calls the function, too.
TEST_F(DsqlSession, NobodyMakesLargeObjectsOrReadsCataloguesAsXml)
{
    auto connection = admin();
    for (const char* statement :
         {"SELECT t.lo_creat FROM abs(-1) t", "SELECT t.pg_advisory_lock FROM abs(1::bigint) t",
          "SELECT x.lo_unlink FROM (SELECT 1) y, oid(16554) x",
          "SELECT table_to_xml('pg_class', true, false, '')",
          "SELECT schema_to_xml('pg_catalog', true, false, '')"})
        EXPECT_THAT(connection.run(statement), MatchesRegex("(42501|0A000) .*")) << statement;
    EXPECT_EQ(connection.run("SELECT count(*) FROM pg_largeobject_metadata"), "0");
}

} // namespace
} // namespace nimbus::local::dsql
