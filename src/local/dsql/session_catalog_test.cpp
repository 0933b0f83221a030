#include "local/dsql/internal_functions.h"
#include "local/dsql/session_fixture.h"
#include "local/dsql/unsupported_functions.h"

#include <gmock/gmock.h>

/// What a cluster's catalogues tell of its objects and functions.
namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

/// The functions of a server that clients can call by name, without those that stand behind
/// operators, casts, types and aggregates or take what does not exist in DSQL.
constexpr const char* callable_functions =
    "SELECT DISTINCT p.proname FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace "
    "AND NOT p.proargtypes::oid[] && ARRAY['internal', 'cstring', 'trigger', 'point', 'line', "
    "'lseg', 'box', 'path', 'polygon', 'circle', 'tsvector', 'tsquery', 'pg_lsn', 'macaddr8', "
    "'money', 'pg_snapshot', 'txid_snapshot', 'xml', 'cid', 'tid', '_cstring']::regtype[]::oid[] "
    "AND p.prorettype <> ALL (ARRAY['internal', 'trigger', 'event_trigger', 'language_handler', "
    "'cstring', 'table_am_handler', 'index_am_handler', 'point', 'pg_lsn']::regtype[]::oid[]) "
    "AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid) "
    "AND NOT EXISTS (SELECT FROM pg_cast c WHERE c.castfunc = p.oid) "
    "AND NOT EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typoutput, t.typsend)) "
    "AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = p.oid) "
    "AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, "
    "a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, "
    "a.aggmfinalfn))";

/// What DSQL has: the families of PostgreSQL's manual, chapter 9, as regular expressions.
constexpr const char* families[] = {
    // mathematics
    "abs|a?(sin|cos|tan|cot)[dh]?|atan2d?|cbrt|ceil(ing)?|degrees|div|erfc?|d?exp|factorial|floor|"
    "gcd|lcm|ln|log(10)?|dlog(1|10)|min_scale|mod|numeric_.*|pi|pow(er)?|radians|random|"
    "random_normal|d?round|scale|setseed|sign|d?sqrt|trim_scale|d?trunc|width_bucket|int4inc",
    // texts, bytes and bits
    "ascii|bit_count|bit_length|btrim|char_length|character_length|chr|concat(_ws)?|convert.*|"
    "decode|encode|format|get_(bit|byte)|initcap|is_normalized|left|length|like|like_escape|lower|"
    "lpad|ltrim|md5|normalize|notlike|octet_length|overlay|parse_ident|position|quote_.*|regexp_.*|"
    "repeat|replace|reverse|right|rpad|rtrim|set_(bit|byte)|sha(224|256|384|512)|similar_.*|"
    "split_part|starts_with|string_.*|strpos|substr(ing)?|textlen|translate|unistr|upper|"
    "nameconcatoid",
    // time
    "age|clock_timestamp|date_.*|extract|isfinite|justify_.*|make_(date|interval|time.*)|now|"
    "overlaps|statement_timestamp|timeofday|timestamp(tz)?|timezone|transaction_timestamp|to_.*",
    // arrays, ranges and JSON
    "array_.*|cardinality|trim_array|unnest|json.*|row_to_json|isempty|(lower|upper)_(inc|inf)|"
    "multirange|range_.*|(int4|int8|num|date|ts|tstz)(multi)?range(_canonical|_subdiff)?",
    // identifiers, sequences, series, network addresses, enumerations
    "gen_random_uuid|currval|lastval|nextval|setval|generate_.*|abbrev|broadcast|family|host|"
    "hostmask|masklen|netmask|network|set_masklen|enum_.*",
    // aggregates and windows
    "any_value|avg|bit_(and|or|xor)|bool_(and|or)|corr|count|covar_.*|cume_dist|dense_rank|every|"
    "first_value|int8_sum|lag|last_value|lead|max|min|mode|nth_value|ntile|num_(non)?nulls|"
    "percent.*|rank|regr_.*|row_number|stddev.*|sum|var_.*|variance",
    // text search, which has no configurations
    "get_current_ts_config|ts_.*|.*to_tsquery",
    // the session, privileges and the catalogue
    "current_.*|session_user|system_user|version|set_config|inet_client_.*|has_.*_privilege|acl.*|"
    "makeaclitem|row_security_active|.*_description|format_type|oidvectortypes|getdatabaseencoding|"
    "getpgusername|mxid_age|txid_current.*|satisfies_hash_partition|.*typmodin|.*_validator|"
    "pg_(get_(.*def|def.*|expr|function_.*|keywords|object_address|.*def_.*|serial_sequence|"
    "userbyid|"
    "catalog_foreign_keys|replica_identity_index)|.*_is_visible|has_role|typeof|column_.*|"
    "describe_object|identify_object.*|index.*|relation_.*|total_relation_size|size_.*|sleep.*|"
    "stat_(get|have)_.*|backend_pid|(cancel|terminate)_backend|client_encoding|char_to_encoding|"
    "encoding_.*|collation_.*|"
    "database_.*|current_xact_id.*|input_.*|is_.*|my_temp_schema|options_to_table|partition_.*|"
    "postmaster_start_time|sequence_.*|settings_get_flags|show_all_settings|tablespace_location|"
    "timezone_.*|available_.*|jit_available)"};

TEST_F(DsqlSession, EachFunctionOfTheServerIsOneOfDsqlsOrRefused)
{
    auto connection = admin();
    std::string sql = callable_functions;
    for (const char* family : families)
        sql += std::string(" AND p.proname !~ '^(") + family + ")$'";
    const auto names = connection.run(sql);
    std::vector<std::string> unknown;
    for (const auto name : split(names, '\n'))
        if (!name.empty() && !is_unsupported_function(name))
            unknown.emplace_back(name);
    EXPECT_THAT(unknown, IsEmpty());
}

TEST_F(DsqlSession, NoFunctionThatIsRefusedIsMissing)
{
    auto connection = admin();
    std::string list;
    for (const auto name : unsupported_functions)
        list += (list.empty() ? "'" : ", '") + std::string(name) + '\'';
    EXPECT_EQ(connection.run("SELECT name FROM unnest(ARRAY[" + list +
                             "]) name WHERE NOT EXISTS (SELECT FROM pg_proc WHERE proname = name)"),
              "");
}

TEST_F(DsqlSession, NobodyCallsWhatIsInternal)
{
    auto connection = admin();
    for (const auto name : internal_functions) {
        SCOPED_TRACE(name);
        const auto function = std::string(name);
        const auto refusal = "42883 function " + function + " does not exist";
        EXPECT_EQ(connection.run("SELECT sys." + function + "(1)"), refusal);
        EXPECT_EQ(connection.run("SELECT f." + function + " FROM int8(1) f"), refusal);
        EXPECT_EQ(connection.run("SELECT (f)." + function + " FROM int8(1) f"), refusal);
    }
    // What a tenant's own functions and columns are called is the tenant's affair.
    EXPECT_EQ(connection.run("CREATE SCHEMA named"), "CREATE SCHEMA");
    EXPECT_EQ(connection.run("CREATE FUNCTION named.nimbus_own() RETURNS int LANGUAGE sql "
                             "RETURN 7"),
              "CREATE FUNCTION");
    EXPECT_EQ(connection.run("SET search_path = named"), "SET");
    EXPECT_EQ(connection.run("SELECT nimbus_own()"), "7");
    EXPECT_EQ(connection.run("SELECT t.nimbus_count FROM (SELECT 8 AS nimbus_count) t"), "8");
    connection.run("DROP SCHEMA named CASCADE");
}

TEST_F(DsqlSession, NoInternalFunctionIsForgotten)
{
    std::string list;
    for (const auto name : internal_functions)
        list += (list.empty() ? "'" : ", '") + std::string(name) + '\'';
    const auto deadline = Deadline::after(std::chrono::seconds{20});
    auto superuser = DatabaseConnection::open(
        shared_->postgres.socket(), {{"user", "nimbus"}, {"database", "postgres"}}, -1, deadline);
    ASSERT_TRUE(superuser);
    // The refusal of its assertion names them.
    const auto compared = superuser->run(
        "DO $$ DECLARE other text := (SELECT string_agg(coalesce(f, p.proname), ' ') "
        "FROM unnest(ARRAY[" +
            list +
            "]) f FULL JOIN (SELECT DISTINCT proname FROM pg_proc "
            "WHERE pronamespace = 'sys'::regnamespace AND starts_with(proname, 'nimbus_')) p "
            "ON p.proname = f WHERE f IS NULL OR p.proname IS NULL); "
            "BEGIN ASSERT other IS NULL, other; END $$",
        deadline);
    EXPECT_TRUE(compared) << compared.error().message;
}

/// Queries that list names, of all kinds of objects.
constexpr const char* queries_for_names[] = {
    "SELECT relname FROM pg_class",
    "SELECT relname FROM pg_catalog.pg_class WHERE tableoid = 'pg_class'::regclass",
    "SELECT proname FROM pg_proc",
    "SELECT typname FROM pg_type",
    "SELECT nspname FROM pg_namespace",
    "SELECT evtname FROM pg_event_trigger",
    "SELECT tgname FROM pg_trigger",
    "SELECT trigger_name FROM information_schema.triggers",
    "SELECT name FROM pg_settings",
    "SELECT conname FROM pg_constraint",
    "SELECT description FROM pg_description",
    "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace",
    "SELECT rulename FROM pg_rules",
    "SELECT tablename || ' ' || tableowner FROM pg_tables",
    "SELECT viewname || ' ' || viewowner FROM pg_views WHERE schemaname <> 'pg_catalog'",
    "SELECT indexname FROM pg_indexes",
    "SELECT sequencename FROM pg_sequences",
    "SELECT relname FROM pg_stat_all_tables",
    "SELECT relname FROM pg_statio_all_sequences",
    "SELECT rolname FROM pg_roles",
    "SELECT usename FROM pg_user",
    "SELECT usename FROM pg_stat_activity",
    "SELECT pg_get_userbyid(nspowner) FROM pg_namespace",
    "SELECT table_name FROM information_schema.tables",
    "SELECT table_name || ' ' || column_name FROM information_schema.columns",
    "SELECT table_name FROM information_schema.views",
    "SELECT routine_name FROM information_schema.routines",
    "SELECT specific_name FROM information_schema.parameters",
    "SELECT sequence_name FROM information_schema.sequences",
    "SELECT constraint_name FROM information_schema.table_constraints",
    "SELECT table_name FROM information_schema.table_privileges",
    "SELECT grantor FROM information_schema.table_privileges",
    "SELECT table_name FROM information_schema.column_privileges",
    "SELECT object_name FROM information_schema.usage_privileges",
    "SELECT schema_owner FROM information_schema.schemata"};

TEST_F(DsqlSession, NothingOfNimbusIsInTheCatalogues)
{
    const auto key = application("looks");
    auto owner = admin();
    auto visitor = connect("lambda_looks", key);
    for (const auto* query : queries_for_names)
        for (auto* connection : {&owner, &visitor}) {
            const auto names = connection->run(query);
            EXPECT_FALSE(names.contains("nimbus") || names.contains("DSQL system"))
                << query << ": " << names.substr(names.find("nimbus"), 50);
            EXPECT_THAT(names, Not(MatchesRegex("[0-9A-Z]{5} .*"))) << query;
        }
    forget("looks");
}

TEST_F(DsqlSession, TheSchemaSysHoldsWhatDsqlDocuments)
{
    const auto key = application("reads");
    auto owner = admin();
    auto visitor = connect("lambda_reads", key);
    for (auto* connection : {&owner, &visitor}) {
        EXPECT_EQ(connection->run("SELECT table_name FROM information_schema.tables WHERE "
                                  "table_schema = 'sys' ORDER BY 1"),
                  "iam_pg_role_mappings\njobs");
        EXPECT_EQ(connection->run("SELECT relname FROM pg_class WHERE relnamespace = "
                                  "'sys'::regnamespace ORDER BY 1"),
                  "iam_pg_role_mappings\njobs");
        EXPECT_EQ(connection->run("SELECT proname FROM pg_proc WHERE pronamespace = "
                                  "'sys'::regnamespace ORDER BY 1"),
                  "dsql_major_version\nuuid_to_base32_str\nwait_for_job");
    }
    forget("reads");
}

TEST_F(DsqlSession, EachOidThatACatalogueNamesIsOneOfItsCatalogue)
{
    const auto key = application("follows");
    auto owner = admin();
    EXPECT_EQ(owner.run("CREATE TABLE followed (a int PRIMARY KEY, b text)"), "CREATE TABLE");
    auto visitor = connect("lambda_follows", key);
    for (auto* connection : {&owner, &visitor})
        for (const auto& [reference, referenced] :
             std::initializer_list<std::pair<const char*, const char*>>{
                 {"nspowner FROM pg_namespace", "pg_roles"},
                 {"relowner FROM pg_class", "pg_roles"},
                 {"proowner FROM pg_proc", "pg_roles"},
                 {"typowner FROM pg_type", "pg_roles"},
                 {"grantor FROM pg_auth_members", "pg_roles"},
                 {"datdba FROM pg_database", "pg_roles"},
                 {"relnamespace FROM pg_class", "pg_namespace"},
                 {"pronamespace FROM pg_proc", "pg_namespace"},
                 {"typnamespace FROM pg_type", "pg_namespace"},
                 {"reltype FROM pg_class WHERE reltype <> 0", "pg_type"},
                 {"typrelid FROM pg_type WHERE typrelid <> 0", "pg_class"},
                 {"typarray FROM pg_type WHERE typarray <> 0", "pg_type"},
                 {"attrelid FROM pg_attribute", "pg_class"},
                 {"indexrelid FROM pg_index", "pg_class"},
                 {"ev_class FROM pg_rewrite", "pg_class"},
                 {"tgrelid FROM pg_trigger", "pg_class"}})
            EXPECT_EQ(connection->run(std::string("SELECT DISTINCT o FROM (SELECT ") + reference +
                                      ") AS r (o) WHERE o NOT IN (SELECT oid FROM " + referenced +
                                      ")"),
                      "")
                << reference;
    EXPECT_EQ(owner.run("DROP TABLE followed"), "DROP TABLE");
    forget("follows");
}

TEST_F(DsqlSession, TheServersOwnerIsARoleThatNobodyIs)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT rolname, rolcanlogin FROM pg_roles WHERE oid = 10"),
              "rdsadmin|f");
    EXPECT_EQ(connection.run("AWS IAM GRANT rdsadmin TO '" + FakeAccess::arn("owner") + "'"),
              "42704 Role rdsadmin does not exist");
    EXPECT_FALSE(connect("rdsadmin", shared_->owner).ok());
}

TEST_F(DsqlSession, TheIndexMethodHasDsqlsName)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("CREATE TABLE indexed (a int PRIMARY KEY)"), "CREATE TABLE");
    EXPECT_EQ(connection.run("SELECT indexdef FROM pg_indexes WHERE tablename = 'indexed'"),
              "CREATE UNIQUE INDEX indexed_pkey ON public.indexed USING btree_index (a)");
    EXPECT_EQ(connection.run("SELECT amname, pg_get_indexdef(i.oid, 0, true) FROM pg_class i JOIN "
                             "pg_am am ON am.oid = i.relam WHERE i.relname = 'indexed_pkey'"),
              "btree_index|CREATE UNIQUE INDEX indexed_pkey ON indexed USING btree_index (a)");
    EXPECT_EQ(connection.run("DROP TABLE indexed"), "DROP TABLE");
}

TEST_F(DsqlSession, APrimaryKeyIncludesAllColumns)
{
    auto connection = admin();
    EXPECT_EQ(
        connection.run("CREATE TABLE included (a int, \"B\" text, c int UNIQUE, gone int, d int, "
                       "PRIMARY KEY (d, a) INCLUDE (c))"),
        "CREATE TABLE");
    EXPECT_EQ(connection.run("ALTER TABLE included DROP COLUMN gone"), "ALTER TABLE");
    EXPECT_EQ(connection.run("SELECT indexdef FROM pg_indexes WHERE tablename = 'included' "
                             "ORDER BY indexname"),
              "CREATE UNIQUE INDEX included_c_key ON public.included USING btree_index (c)\n"
              "CREATE UNIQUE INDEX included_pkey ON public.included USING btree_index (d, a) "
              "INCLUDE (\"B\", c)");
    for (const char* call : {"pg_get_constraintdef(oid)", "pg_get_constraintdef(oid, true)",
                             "pg_catalog.pg_get_constraintdef(oid)"})
        EXPECT_EQ(connection.run("SELECT " + std::string(call) +
                                 " FROM pg_constraint WHERE conrelid = 'included'::regclass "
                                 "ORDER BY conname"),
                  "UNIQUE (c)\nPRIMARY KEY (d, a) INCLUDE (\"B\", c)")
            << call;
    EXPECT_EQ(connection.run("SELECT pg_get_indexdef('included_pkey'::regclass, 2, false), "
                             "pg_get_constraintdef(0::oid) IS NULL"),
              "a|t");
    EXPECT_EQ(connection.run("DROP TABLE included"), "DROP TABLE");
}

TEST_F(DsqlSession, AParameterOfACatalogueQueryKeepsItsType)
{
    auto connection = admin();
    const Oid smallint = 21;
    const char value[] = {0, 1}; // 1 in PostgreSQL's binary format
    const char* const values[] = {value};
    const int length = sizeof value;
    const int binary = 1;
    EXPECT_EQ(Connection::text_of(PQexecParams(
                  connection.get(),
                  "SELECT attname FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND "
                  "attnum::int = $1",
                  1, &smallint, values, &length, &binary, 0)),
              "oid");
}

} // namespace
} // namespace nimbus::local::dsql
