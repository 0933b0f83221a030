#include "frontends/source_statements.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

/// What is told of the statements of one source.
struct Found {
    std::vector<std::string> texts; ///< "?" for one that is made at run time
    std::vector<SourceStatement> statements;
    std::map<std::string, std::set<std::string>> databases;
    Sources sources;
};

Found found(std::string_view source, SourceLanguage language)
{
    Found found;
    found.sources.emplace_back("source", std::string(source), language);
    auto statements = statements_in(found.sources);
    found.databases = std::move(statements.databases);
    found.statements = std::move(statements.statements);
    for (const auto& statement : found.statements)
        found.texts.push_back(statement.text ? statement.text->value : "?");
    return found;
}

std::vector<std::string> cpp(std::string_view source)
{
    return found(source, SourceLanguage::cpp).texts;
}

std::vector<std::string> script(std::string_view source)
{
    return found(source, SourceLanguage::script).texts;
}

using Texts = std::vector<std::string>;

TEST(SourceStatements, AreTheTextsOfCallsInCpp)
{
    EXPECT_EQ(cpp(R"(db.query<User>("SELECT 1");)"), (Texts{"SELECT 1"}));
    EXPECT_EQ(cpp("tx.execute(R\"sql(\n DELETE FROM a)sql\");"), (Texts{"\n DELETE FROM a"}));
    EXPECT_EQ(cpp(R"(db->query_one<std::tuple<int, std::map<a, b>>>("SELECT " "1");)"),
              (Texts{"SELECT 1"}));
    EXPECT_EQ(cpp(R"(db.query_each<User>([&](const User& u) { f(u, 1); }, "SELECT 1", 2);)"),
              (Texts{"SELECT 1"}));
    EXPECT_EQ(
        cpp(R"(db.pipeline(sql::query<User>("SELECT 1"), nimbus::sql::execute("SELECT 2"));)"),
        (Texts{"SELECT 1", "SELECT 2"}));
}

TEST(SourceStatements, AreTheTextsOfCallsInScripts)
{
    EXPECT_EQ(script("await db.query<User>('SELECT 1');"), (Texts{"SELECT 1"}));
    EXPECT_EQ(script("db.queryOne<{ id: string }>(`SELECT\n1`)"), (Texts{"SELECT\n1"}));
    EXPECT_EQ(script("client.query({ text: 'SELECT $1', values: [1] })"), (Texts{"SELECT $1"}));
    EXPECT_EQ(script("db?.execute('DELETE ' +\n 'FROM a')"), (Texts{"DELETE FROM a"}));
}

TEST(SourceStatements, MayBeConstants)
{
    EXPECT_EQ(
        cpp(R"(constexpr std::string_view a = "SELECT 1"; const char b[] = "SELECT " "2"; std::string c = "x";
                     constexpr std::string_view d{"SELECT 3"};
                     db.execute(a); db.execute(b); db.execute(queries::d); db.query_value<int>(c);)"),
        (Texts{"SELECT 1", "SELECT 2", "SELECT 3", "?"}));
    EXPECT_EQ(script("const a = 'SELECT 1'; const b: string = `SELECT 2`\nlet c = 'SELECT 3';\n"
                     "db.queryOne(a); db.queryOne(b); db.queryOne(c)"),
              (Texts{"SELECT 1", "SELECT 2", "?"}));
}

TEST(SourceStatements, MayDependOnAConditionAmongTexts)
{
    EXPECT_EQ(
        cpp(R"(db.query_value<int>(all ? "SELECT 1" : (some::flag ? "SELECT 2" : "SELECT 3"));)"),
        (Texts{"SELECT 1", "SELECT 2", "SELECT 3"}));
    EXPECT_EQ(script("db.queryOne(a?.b ?? c ? 'SELECT 1' : 'SELECT 2')"),
              (Texts{"SELECT 1", "SELECT 2"}));
}

TEST(SourceStatements, MadeAtRunTimeAreTold)
{
    EXPECT_EQ(cpp(R"(db.query_one<User>("SELECT * FROM " + table); db.query_value<int>(text);)"),
              (Texts{"?", "?"}));
    EXPECT_EQ(script("db.queryOne(`SELECT * FROM ${table}`)"), (Texts{"?"}));
    EXPECT_EQ(
        cpp("auto db = app.sql({.name = \"x\"}); db.execute(fmt::format(a, b)); other.execute(a);"),
        (Texts{"?"}));
}

TEST(SourceStatements, OfCommentsAndOfOtherThingsAreNone)
{
    EXPECT_EQ(cpp("// db.query<User>(\"SELECT 1\")\n/* db.execute(\"SELECT 1\") */"), Texts());
    EXPECT_EQ(cpp(R"x(auto s = "db.query(\"SELECT 1\")"; req.query("status"); log.execute("update");
                     req.query("SELECT 1");                      req.query<int>("limit", 20); query("SELECT 1");)x"),
              Texts());
    EXPECT_EQ(script("// db.query('SELECT 1')\nconst s = \"db.query('SELECT 1')\"; url.query('a "
                     "b'); graph.query('{ a }');"),
              Texts());
}

TEST(SourceStatements, OfADatabaseAreThatWhateverTheyLookLike)
{
    EXPECT_EQ(
        cpp(R"(auto db = app.sql({.name = "main-db", .schema = "x"}); db.execute("SELCT 1");)"),
        (Texts{"SELCT 1"}));
    EXPECT_EQ(cpp(R"(void f(const nimbus::sql::database& store) { store.execute("SELCT 1"); })"),
              (Texts{"SELCT 1"}));
    EXPECT_EQ(cpp(R"(db.transaction([&](auto& t) { t.execute("SELCT 1"); });)"),
              (Texts{"SELCT 1"}));
    EXPECT_EQ(script("function f(store: SqlDatabase) { store.execute('SELCT 1'); }"),
              (Texts{"SELCT 1"}));
    EXPECT_EQ(script("db.transaction(async (t) => { t.execute('SELCT 1'); })"), (Texts{"SELCT 1"}));
    EXPECT_EQ(
        script("const pool = new pg.Pool(); const c = await pool.connect(); c.query('SELCT 1')"),
        (Texts{"SELCT 1"}));
    EXPECT_EQ(found("auto db = app.sql({.name = \"main-db\"});", SourceLanguage::cpp).databases,
              (std::map<std::string, std::set<std::string>>{{"db", {"main-db"}}}));
    EXPECT_EQ(
        found("export const db = app.SQL({ name: 'main-db' });", SourceLanguage::script).databases,
        (std::map<std::string, std::set<std::string>>{{"db", {"main-db"}}}));
}

std::size_t argument_count(std::string_view source, SourceLanguage language)
{
    const auto all = found(source, language);
    EXPECT_EQ(all.statements.size(), 1U) << source;
    return all.statements.at(0).arguments ? all.statements[0].arguments->size() : 99;
}

TEST(SourceStatements, InsertRowsIntoATable)
{
    const auto all = found(
        "auto db = app.sql({.name = \"x\"}); set.insert(\"a\", b); db.insert(\"items\", rows); "
        "other.insert<Item>(\"items\", rows);",
        SourceLanguage::cpp);
    EXPECT_EQ(all.texts, (Texts{"items", "items"}));
    EXPECT_TRUE(all.statements.at(0).inserts);
}

TEST(SourceStatements, HaveTheirArgumentsCounted)
{
    EXPECT_EQ(argument_count(R"(db.execute("SELECT 1");)", SourceLanguage::cpp), 0U);
    EXPECT_EQ(
        argument_count(R"(db.execute("SELECT 1", a, f(b, c), std::map<a, b>{}, d < e, {1, 2}));)",
                       SourceLanguage::cpp),
        5U);
    EXPECT_EQ(argument_count(R"(db.execute("SELECT 1", arguments...);)", SourceLanguage::cpp), 99U);
    EXPECT_EQ(argument_count("db.execute('SELECT 1')", SourceLanguage::script), 0U);
    EXPECT_EQ(argument_count("db.execute('SELECT 1', [a, f(b, c), { d, e }, `${g}, h`,])",
                             SourceLanguage::script),
              4U);
    EXPECT_EQ(argument_count("db.execute('SELECT 1', [...all])", SourceLanguage::script), 99U);
    EXPECT_EQ(argument_count("db.execute('SELECT 1', all)", SourceLanguage::script), 99U);
    EXPECT_EQ(
        argument_count("db.query({ text: 'SELECT 1', values: [1, 2] })", SourceLanguage::script),
        2U);
}

TEST(SourceStatements, HaveTheValuesOfLiteralArguments)
{
    const auto all = found(R"(db.execute("SELECT 1", "a", 1.5, -2, true, nullptr, a, "b"s);)",
                           SourceLanguage::cpp);
    using Kind = StatementArgument::Kind;
    std::vector<std::pair<Kind, std::string>> values;
    for (const auto& argument : all.statements.at(0).arguments.value())
        values.emplace_back(argument.kind, argument.written);
    EXPECT_EQ(values, (std::vector<std::pair<Kind, std::string>>{{Kind::text, "a"},
                                                                 {Kind::number, "1.5"},
                                                                 {Kind::number, "-2"},
                                                                 {Kind::boolean, "true"},
                                                                 {Kind::null, "nullptr"},
                                                                 {Kind::value, ""},
                                                                 {Kind::text, "b"}}));
}

TEST(SourceStatements, CanBeExcepted)
{
    const auto all =
        found("db.execute(\"SELECT 1\"); // nimbus: unchecked\ndb.execute(\"SELECT 2\");\n\n"
              "db.execute(\"SELECT 3\");\n",
              SourceLanguage::cpp);
    EXPECT_TRUE(all.statements.at(0).is_excepted);
    EXPECT_FALSE(all.statements.at(2).is_excepted);
}

} // namespace
} // namespace nimbus::frontends
