#include "frontends/source_statements.h"
#include "frontends/source_templates.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

/// The texts of the statements; "?" and the reason of those without.
struct Found {
    std::vector<std::string> texts;
    std::vector<SourceStatement> statements;
    std::map<std::string, std::set<std::string>> databases;
    Sources sources;

    std::string row_type(std::size_t index) const
    {
        return statements.at(index).file->text(statements.at(index).row_type);
    }
    std::vector<std::string> arguments(std::size_t index) const
    {
        std::vector<std::string> written;
        for (const auto& argument : statements.at(index).arguments.value())
            written.push_back(statements.at(index).file->text(argument.range));
        return written;
    }
};

Found found(const std::vector<std::string>& sources)
{
    Found found;
    for (const auto& source : sources)
        found.sources.emplace_back("source", source, SourceLanguage::script);
    auto statements = statements_in(found.sources);
    found.statements = std::move(statements.statements);
    found.databases = std::move(statements.databases);
    for (const auto& statement : found.statements)
        found.texts.push_back(statement.text
                                  ? statement.text->value
                                  : "? " + std::string(statement.why_unchecked.substr(0, 12)));
    return found;
}

const std::string owner = "import postgres from 'postgres';\n"
                          "const sql = postgres(db.options('postgres.js'));\n";

Found postgres(const std::string& source)
{
    return found({owner + source});
}

Found kysely(const std::string& source)
{
    return found({"import { Kysely, sql } from 'kysely';\n" + source});
}

Found drizzle(const std::string& source)
{
    return found({"import { eq, sql } from 'drizzle-orm';\n" + source});
}

using Texts = std::vector<std::string>;

constexpr const char* part = "? a part of it";
constexpr const char* unrun = "? it may be a ";
constexpr const char* computed = "? it is made a";

TEST(SourceTemplates, OfPostgresJsAreStatementsWhereTheyAreRun)
{
    EXPECT_EQ(postgres("const rows = await sql`SELECT 1`").texts, (Texts{"SELECT 1"}));
    EXPECT_EQ(postgres("async function f() { return sql`SELECT 1`; }").texts, (Texts{"SELECT 1"}));
    EXPECT_EQ(postgres("const f = async (a) => sql`SELECT 1`").texts, (Texts{"SELECT 1"}));
    EXPECT_EQ(postgres("sql`SELECT 1`.then(f); sql`SELECT 2`.cursor(10, f)").texts,
              (Texts{"SELECT 1", "SELECT 2"}));
    EXPECT_EQ(postgres("await Promise.all([sql`SELECT 1`, sql`SELECT 2`])").texts,
              (Texts{"SELECT 1", "SELECT 2"}));
    EXPECT_EQ(postgres("const html = `${(await sql`SELECT 1`)[0].a}`").texts, (Texts{"SELECT 1"}));
    EXPECT_EQ(postgres("class A { async f() { if (a) { return sql`SELECT 1`; } } }").texts,
              (Texts{"SELECT 1"}));
}

TEST(SourceTemplates, MayHaveParameters)
{
    const auto all = postgres("const { name, age } = read(); await sql<User[]>`SELECT a FROM b "
                              "WHERE c = ${name} AND d > ${age + 1} -- \\u00e4\n`");
    EXPECT_EQ(all.texts, (Texts{"SELECT a FROM b WHERE c = $1 AND d > $2 -- \u00e4\n"}));
    EXPECT_EQ(all.arguments(0), (Texts{"name", "age+1"}));
    EXPECT_TRUE(all.statements[0].is_certain);
    EXPECT_EQ(all.row_type(0), "User");
    const auto& text = *all.statements[0].text;
    const auto content = all.sources[0].content();
    ASSERT_EQ(text.value.size(), text.offsets.size());
    EXPECT_EQ(content.substr(text.offsets[text.value.find("c =")], 3), "c =");
    EXPECT_EQ(content.substr(text.offsets[text.value.find("$2")], 6), "${age ");
    EXPECT_EQ(content.substr(text.offsets[text.value.find("d >")], 3), "d >");
}

TEST(SourceTemplates, OfTransactionsBelongToTheDatabaseOfTheirTag)
{
    const auto all = found({"export const db = app.SQL({ name: 'main-db' });",
                            owner + "export { sql };\nawait sql.begin(async (tx) => { await "
                                    "tx`SELECT 1`; await tx.savepoint((inner) => inner`SELECT 2`); "
                                    "}); await sql.begin('read only', t => [t`SELECT 3`]);",
                            "import { sql as query } from './db.js';\nawait query`SELECT 4`"});
    EXPECT_EQ(all.texts, (Texts{"SELECT 1", "SELECT 2", "SELECT 3", "SELECT 4"}));
    for (const auto& statement : all.statements)
        EXPECT_EQ(statement.receiver, "sql");
    EXPECT_EQ(all.databases.at("sql"), (std::set<std::string>{"main-db"}));
}

TEST(SourceTemplates, HaveTheTypesOfTheirRows)
{
    const auto row_type = [](const std::string& type) {
        return postgres("await sql<" + type + ">`SELECT 1`").row_type(0);
    };
    EXPECT_EQ(row_type("User[]"), "User");
    EXPECT_EQ(row_type("{ id: string }[]"), "{id:string}");
    EXPECT_EQ(row_type("readonly User[]"), "User");
    EXPECT_EQ(row_type("Array<User>"), "User");
    EXPECT_EQ(row_type("[User]"), "User");
    EXPECT_EQ(row_type("[User?]"), "User");
    EXPECT_EQ(row_type("(A | B)[]"), "A|B");
    for (const auto* none : {"Users", "A | B[]", "[A, B]", "any"})
        EXPECT_EQ(row_type(none), "") << none;
}

TEST(SourceTemplates, OfATagThatRenamesColumnsTellNothingOfRows)
{
    for (const auto* options : {"{ ...db.options('postgres.js'), transform: postgres.camel }",
                                "db.options('postgres.js', more), extra", "{ ...more }"})
        EXPECT_EQ(
            found({"import postgres from 'postgres';\nconst other = db.options('postgres.js'); "
                   "const sql = postgres(" +
                   std::string(options) + ");\nawait sql<User[]>`SELECT 1`"})
                .row_type(0),
            "")
            << options;
    EXPECT_EQ(kysely("new Kysely({ plugins: [new CamelCasePlugin()] }); "
                     "await sql<User>`SELECT 1`.execute(db)")
                  .row_type(0),
              "");
}

TEST(SourceTemplates, MadeOfPartsAreTold)
{
    EXPECT_EQ(postgres("await sql`INSERT INTO a ${sql(rows)}`").texts, (Texts{part}));
    EXPECT_EQ(postgres("await sql`SELECT 1 ${b ? sql`FROM a` : sql``}`").texts, (Texts{part}));
    EXPECT_EQ(
        postgres("const filter = b ? sql`AND a` : sql``; await sql`SELECT 1 ${filter}`").texts,
        (Texts{part}));
    EXPECT_EQ(postgres("const byName = (n: string) => sql`a = ${n}`; "
                       "await sql`SELECT 1 WHERE ${byName('x')}`")
                  .texts,
              (Texts{part}));
    EXPECT_EQ(postgres("function byName(n: string) { return sql`a = ${n}`; }\n"
                       "await sql`SELECT 1 WHERE ${byName('x')}`")
                  .texts,
              (Texts{part}));
    EXPECT_EQ(
        postgres("const parts = [sql`a`]; parts.push(sql`b`); await sql`SELECT ${parts}`").texts,
        (Texts{part}));
    EXPECT_EQ(postgres("const q = { all: sql`a` }; await sql`SELECT ${q.all}`").texts,
              (Texts{part}));
    EXPECT_EQ(postgres("await sql`SELECT ${sql.unsafe('a')}`").texts, (Texts{part}));
    EXPECT_EQ(postgres("const q = sql`SELECT 1`; await q").texts, (Texts{unrun}));
}

TEST(SourceTemplates, MayHaveParametersThatAreMadeByTheTag)
{
    const auto all = postgres("const id = await sql`SELECT 1`; "
                              "await sql`SELECT ${sql.json(a)}, ${sql.array(b)}, ${id[0].x}`");
    EXPECT_EQ(all.texts, (Texts{"SELECT 1", "SELECT $1, $2, $3"}));
    EXPECT_TRUE(all.statements[1].is_certain);
}

TEST(SourceTemplates, WhoseArgumentsMayBePartsAreUncertain)
{
    const auto is_certain = [](const std::string& source) {
        const auto all = postgres(source);
        EXPECT_EQ(all.texts.size(), 1U) << source;
        return all.statements.at(0).is_certain;
    };
    EXPECT_FALSE(is_certain("function f(filter) { sql`SELECT 1 WHERE ${filter}`.then(g); }"));
    EXPECT_FALSE(is_certain("async (filter: any) => sql`SELECT 1 WHERE ${filter}`"));
    EXPECT_FALSE(is_certain("async (f: postgres.Fragment, g: PendingQuery<any>) => "
                            "sql`SELECT 1 WHERE ${g}`"));
    EXPECT_FALSE(
        is_certain("import { columns } from './columns.js'; await sql`SELECT ${columns}`"));
    EXPECT_TRUE(is_certain("async (name: string) => sql`SELECT ${name}`"));
    EXPECT_TRUE(is_certain("async ({ name }: User) => sql`SELECT ${name}`"));
    EXPECT_TRUE(is_certain("await sql`SELECT ${event.body.name}, ${Number(a)}, ${'x'}`"));
}

TEST(SourceTemplates, OfOtherTagsAreNone)
{
    EXPECT_EQ(found({"await sql`SELECT 1`"}).texts, Texts());
    EXPECT_EQ(found({"import { sql } from '@vercel/postgres'; await sql`SELECT 1`"}).texts,
              Texts());
    EXPECT_EQ(found({"import postgres from 'postgres'; const sql = "
                     "postgres('postgres://other/db'); db.options('x'); await sql`SELECT 1`"})
                  .texts,
              Texts());
    EXPECT_EQ(found({"import postgres from 'postgres'; const sql = postgres(process.env.URL); "
                     "await sql`SELECT 1`"})
                  .texts,
              Texts());
    EXPECT_EQ(found({owner, "import { sql } from 'slonik'; await sql`SELECT 1`"}).texts, Texts());
    EXPECT_EQ(postgres("const a = html`SELECT 1`; // await sql`SELECT 1`").texts, Texts());
}

TEST(SourceTemplates, AreNotTheOnlyStatementsOfATag)
{
    const auto all = postgres("await sql.unsafe<User[]>('SELECT $1', [1]); "
                              "await sql.unsafe('SELECT ' + a); other.unsafe('SELECT 1'); "
                              "await sql`SELECT ${sql.unsafe('now()')}`");
    EXPECT_EQ(all.texts, (Texts{"SELECT $1", computed, part}));
    EXPECT_EQ(all.row_type(0), "User");
    EXPECT_EQ(all.arguments(0), (Texts{"1"}));
}

TEST(SourceTemplates, OfKyselyAreStatementsWhereTheyAreExecuted)
{
    const auto all = kysely("await sql<User>`SELECT ${a.b}`.execute(db); "
                            "db.selectFrom('a').select(sql<string>`now()`.as('x')).execute(); "
                            "await sql`SELECT * FROM ${sql.table('a')}`.execute(db);");
    EXPECT_EQ(all.texts, (Texts{"SELECT $1", part}));
    EXPECT_EQ(all.row_type(0), "User");
}

TEST(SourceTemplates, OfDrizzleAreStatementsWhereTheyAreExecuted)
{
    const auto all =
        drizzle("const users = pgTable('users', {}); const { id } = read();\n"
                "const rows = await orm.execute<User>(sql`SELECT 1 WHERE a = ${id}`);\n"
                "await orm.execute(sql`SELECT 1 FROM ${users} WHERE ${users.id} = 1`);\n"
                "orm.select({ a: sql`now()` }).from(users).where(sql`a = ${id}`);\n"
                "orm.transaction(async (tx) => tx.execute(sql`SELECT 2`));");
    EXPECT_EQ(all.texts, (Texts{"SELECT 1 WHERE a = $1", part, "SELECT 2"}));
    EXPECT_EQ(all.row_type(0), "User");
    EXPECT_FALSE(all.statements[0].has_known_types);
    EXPECT_FALSE(drizzle("import { t } from './schema'; orm.execute(sql`SELECT ${t.id}`)")
                     .statements.at(0)
                     .is_certain);
}

TEST(SourceTemplates, OfPrismaAreStatements)
{
    const auto all = found({"import { Prisma } from '@prisma/client';\n"
                            "await prisma.$queryRaw<User[]>`SELECT ${a.b}`;\n"
                            "prisma.$transaction([prisma.$executeRaw`DELETE FROM a`]);\n"
                            "await prisma.$queryRaw(Prisma.sql`SELECT 1`);\n"
                            "await prisma.$queryRaw`SELECT 1 WHERE a IN (${Prisma.join(ids)})`;\n"
                            "await prisma.$queryRawUnsafe<User[]>('SELECT $1', id);"});
    EXPECT_EQ(all.texts, (Texts{"SELECT $1", "DELETE FROM a", "SELECT 1", part, "SELECT $1"}));
    EXPECT_EQ(all.row_type(0), "User");
    EXPECT_EQ(all.statements[1].rows, StatementRows::none);
    EXPECT_EQ(all.row_type(4), "User");
    EXPECT_EQ(all.arguments(4), (Texts{"id"}));
}

} // namespace
} // namespace nimbus::frontends
