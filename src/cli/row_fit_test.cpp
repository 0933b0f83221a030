#include "cli/row_fit.h"

#include <gtest/gtest.h>

namespace nimbus::cli {
namespace {

using frontends::SourceLanguage;

RowFit fit(std::string_view source, SourceLanguage language,
           const std::vector<AnswerColumn>& columns)
{
    frontends::Sources sources;
    sources.emplace_back("source", std::string(source), language);
    const auto statements = frontends::statements_in(sources).statements;
    EXPECT_EQ(statements.size(), 1U) << source;
    return fit_of_row(statements.at(0), frontends::SourceTypes(sources), columns);
}

using Sentences = std::vector<std::string>;

/// A struct of one member `a`, and the sentences about it.
Sentences cpp_member(const std::string& type, const std::string& sql)
{
    return fit("enum class E { x }; struct J { int x; }; BOOST_DESCRIBE_STRUCT(J, (), (x))\nusing "
               "Id = std::int64_t;\n"
               "struct R { " +
                   type + " a; }; BOOST_DESCRIBE_STRUCT(R, (), (a))\ndb.query<R>(\"SELECT 1\");",
               SourceLanguage::cpp, {{.name = "a", .type = sql}})
        .misfits;
}

Sentences script_member(const std::string& type, const std::string& sql)
{
    return fit("type State = 'a' | 'b'; interface R { a: " + type + " }\ndb.query<R>('SELECT 1');",
               SourceLanguage::script, {{.name = "a", .type = sql}})
        .misfits;
}

TEST(RowFit, ColumnsHaveTheTypesThatLibnimbusReads)
{
    for (const auto& [type, sql] : std::vector<std::pair<std::string, std::string>>{
             {"int", "bigint"},
             {"std::optional<std::int64_t>", "numeric"},
             {"Id", "integer"},
             {"double", "integer"},
             {"std::string", "uuid"},
             {"nimbus::uuid", "uuid"},
             {"nimbus::timestamp", "timestamp with time zone"},
             {"std::vector<std::string>", "text[]"},
             {"std::vector<int>", "jsonb"},
             {"J", "jsonb"},
             {"E", "text"},
             {"std::vector<std::byte>", "bytea"},
             {"nimbus::json::value", "integer"},
             {"chrono::minutes", "interval"},
             {"nimbus::decimal", "numeric"},
             {"bool", "boolean"}})
        EXPECT_EQ(cpp_member(type, sql), Sentences()) << type << " of " << sql;
    for (const auto& [type, sql] :
         std::vector<std::pair<std::string, std::string>>{{"int", "text"},
                                                          {"bool", "integer"},
                                                          {"nimbus::uuid", "bigint"},
                                                          {"std::optional<double>", "boolean"},
                                                          {"Id", "uuid"},
                                                          {"nimbus::timestamp", "integer"},
                                                          {"std::vector<int>", "text[]"},
                                                          {"J", "integer"},
                                                          {"E", "integer"}})
        EXPECT_EQ(cpp_member(type, sql),
                  (Sentences{"R.a is " + type + ", and the column a is " + sql}));
}

TEST(RowFit, ColumnsHaveTheTypesThatNodePostgresGives)
{
    for (const auto& [type, sql] :
         std::vector<std::pair<std::string, std::string>>{{"number", "integer"},
                                                          {"string", "bigint"},
                                                          {"string | null", "text"},
                                                          {"State", "text"},
                                                          {"Date", "date"},
                                                          {"Other", "integer"},
                                                          {"unknown", "integer"},
                                                          {"{ b: string }", "jsonb"},
                                                          {"string[]", "text[]"},
                                                          {"1 | 2", "integer"}})
        EXPECT_EQ(script_member(type, sql), Sentences()) << type << " of " << sql;
    for (const auto& [type, sql] :
         std::vector<std::pair<std::string, std::string>>{{"number", "bigint"},
                                                          {"string", "integer"},
                                                          {"number", "numeric"},
                                                          {"State", "integer"},
                                                          {"boolean", "text"},
                                                          {"string", "timestamp with time zone"},
                                                          {"number[]", "text[]"}})
        EXPECT_EQ(script_member(type, sql),
                  (Sentences{"R.a is " + type + ", and the column a is " + sql}));
}

TEST(RowFit, WhoReadsTypesInAnotherWayHasOtherOnes)
{
    EXPECT_EQ(fit("pg.types.setTypeParser(20, Number); db.queryOne<{ a: number }>('SELECT 1')",
                  SourceLanguage::script, {{"a", "bigint"}})
                  .misfits,
              Sentences());
}

constexpr const char* two_members = "struct R { int a; std::optional<int> b; int c = 5; };\n"
                                    "BOOST_DESCRIBE_STRUCT(R, (), (a, b, c))\n";

TEST(RowFit, EachMemberWithoutADefaultHasAColumn)
{
    const std::string source = std::string(two_members) + "db.query_one<R>(\"SELECT 1\");";
    EXPECT_EQ(
        fit(source, SourceLanguage::cpp, {{"a", "integer"}, {"b", "integer"}, {"more", "text"}})
            .misfits,
        Sentences());
    EXPECT_EQ(
        fit(source, SourceLanguage::cpp, {{"a", "integer"}, {"c", "integer"}}).misfits,
        (Sentences{
            "R has the member b, and the statement gives no column of that name: it gives a, c"}));
    EXPECT_EQ(fit("db.queryOne<{ a: number; b?: string }>('SELECT 1')", SourceLanguage::script,
                  {{"x", "integer"}})
                  .misfits,
              (Sentences{"the type has the member a, and the statement gives no column of that "
                         "name: it gives x"}));
}

TEST(RowFit, NullsNeedAPlace)
{
    const std::vector<AnswerColumn> columns{
        {"a", "integer", true}, {"b", "integer", true}, {"c", "integer", true}};
    EXPECT_EQ(
        fit(std::string(two_members) + "db.query<R>(\"SELECT 1\");", SourceLanguage::cpp, columns)
            .nulls,
        (Sentences{"R.a is int, and the column a may be NULL"}));
    EXPECT_EQ(fit("db.query<{ a: number, b: number | null, c: unknown }>('SELECT 1')",
                  SourceLanguage::script, columns)
                  .nulls,
              (Sentences{"the type.a is number, and the column a may be NULL"}));
}

TEST(RowFit, ATupleAndAValueGoByPosition)
{
    const std::vector<AnswerColumn> columns{{"a", "integer"}, {"b", "text"}};
    const auto misfits = [&](const std::string& call) {
        return fit(call, SourceLanguage::cpp, columns).misfits;
    };
    EXPECT_EQ(misfits("db.query<std::tuple<int, std::string>>(\"SELECT 1\");"), Sentences());
    EXPECT_EQ(misfits("db.query<std::tuple<int, int>>(\"SELECT 1\");"),
              (Sentences{"element 1 of the tuple is int, and the column b is text"}));
    EXPECT_EQ(misfits("db.query<std::tuple<int>>(\"SELECT 1\");"),
              (Sentences{"the tuple has 1 elements, and the statement gives 2 columns: a, b"}));
    EXPECT_EQ(misfits("db.query<std::int64_t>(\"SELECT 1\");"),
              (Sentences{"std::int64_t takes one column, and the statement gives 2: a, b"}));
    EXPECT_EQ(misfits("db.query_value<bool>(\"SELECT 1\");"),
              (Sentences{"the value is bool, and the column a is integer"}));
    EXPECT_EQ(misfits("db.query<nimbus::json::object>(\"SELECT 1\");"), Sentences());
    EXPECT_EQ(misfits("db.query<Unknown>(\"SELECT 1\");"), Sentences());
}

TEST(RowFit, RowsAreNotMadeOfNone)
{
    EXPECT_EQ(fit("db.query<Unknown>(\"DELETE FROM a\");", SourceLanguage::cpp, {}).misfits.size(),
              1U);
    EXPECT_EQ(fit("db.execute(\"DELETE FROM a\");", SourceLanguage::cpp, {}).misfits, Sentences());
}

} // namespace
} // namespace nimbus::cli
