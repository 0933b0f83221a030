#include "base/error.h"
#include "deploy/kinds/sql/migration_script.h"

#include <gmock/gmock.h>

namespace nimbus::deploy::sql {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(std::string_view script)
{
    std::vector<std::string> result;
    for (const auto& statement : split_script(script))
        result.push_back(statement.text);
    return result;
}

std::string refusal(std::string_view script)
{
    try {
        split_script(script);
    } catch (const Error& error) {
        return error.what();
    }
    return "was not refused";
}

TEST(MigrationScript, IsSplitWhereStatementsEnd)
{
    EXPECT_THAT(texts("-- a\nSELECT ';' /* ; */ ;;\n;SELECT $$;$$, \";\" -- ;\n"),
                ElementsAre("SELECT ';'", "SELECT $$;$$, \";\""));
    EXPECT_THAT(texts(" \n-- nothing\n;"), IsEmpty());
    EXPECT_THAT(texts("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN "
                      "a.end THEN 1 END; END; SELECT 2"),
                ElementsAre(HasSubstr("ATOMIC SELECT 1; SELECT CASE WHEN a.end THEN 1 END; END"),
                            "SELECT 2"));
}

TEST(MigrationScript, KnowsTheLineOfEachStatement)
{
    EXPECT_THAT(split_script("-- a\n\nSELECT 1;\n/*\n*/ SELECT\n2; SELECT 3"),
                ElementsAre(Field(&MigrationStatement::line, 3),
                            Field(&MigrationStatement::line, 5),
                            Field(&MigrationStatement::line, 6)));
}

TEST(MigrationScript, TellsChangesOfRowsFromChangesOfTheSchema)
{
    for (const char* rows : {"INSERT INTO a VALUES (1)", "update a set b = 1", "DELETE FROM a",
                             "WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x", "SELECT 1"})
        EXPECT_TRUE(split_script(rows).at(0).changes_rows) << rows;
    for (const char* schema : {"CREATE TABLE a (b int)", "alter table a add b int",
                               "GRANT SELECT "
                               "ON a TO b",
                               "DROP TABLE a", "COMMENT ON TABLE a IS 'b'"})
        EXPECT_FALSE(split_script(schema).at(0).changes_rows) << schema;
}

TEST(MigrationScript, RefusesWhatChangesTheMeaningOfOthers)
{
    for (const char* word : {"BEGIN", "start transaction", "COMMIT", "END", "ROLLBACK", "abort",
                             "SAVEPOINT a", "RELEASE a"})
        EXPECT_THAT(refusal(std::string("SELECT 1;\n") + word),
                    HasSubstr("line 2: a migration cannot control transactions"))
            << word;
    for (const char* word : {"SET ROLE a", "RESET ALL", "DISCARD ALL", "PREPARE a AS SELECT 1"})
        EXPECT_THAT(refusal(word), HasSubstr("line 1: a migration cannot change the settings"))
            << word;
    EXPECT_THAT(refusal("COPY a FROM STDIN"), HasSubstr("cannot copy rows"));
    EXPECT_THAT(refusal("INSERT INTO a\nVALUES ('$2', $1)"),
                HasSubstr("line 2: nobody gives the parameter $1 a value"));
    EXPECT_EQ(split_script("CREATE FUNCTION f(int) RETURNS int LANGUAGE SQL RETURN $1").size(), 1U);
    EXPECT_THAT(refusal("\\d a"), HasSubstr("a command of psql"));
    EXPECT_THAT(refusal("SELECT 1;\nSELECT 'a;\n"), HasSubstr("line 2: what begins here"));
    EXPECT_THAT(refusal("SELECT 1 /* a"), HasSubstr("line 1: what begins here"));
    EXPECT_THAT(refusal("\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;"),
                HasSubstr("line 2: BEGIN ATOMIC has no END here"));
}

TEST(MigrationScript, KnowsWhatRunsInBatches)
{
    const auto statements =
        split_script("UPDATE a SET b = 1;\n/* -- nimbus: batch\n*/ DELETE FROM a;\n"
                     "  --nimbus: batch \n\n-- all of them\nUPDATE a SET b = 2;\nDELETE FROM a");
    EXPECT_THAT(statements, ElementsAre(Field(&MigrationStatement::in_batches, false),
                                        Field(&MigrationStatement::in_batches, false),
                                        Field(&MigrationStatement::in_batches, true),
                                        Field(&MigrationStatement::in_batches, false)));
    EXPECT_EQ(statements.at(2).text, "UPDATE a SET b = 2");
}

TEST(MigrationScript, KnowsWhatIsUnchecked)
{
    const auto statements = split_script(
        "SELECT 1;\n-- nimbus: unchecked\nTRUNCATE a;\n-- nimbus: unchecked\n-- nimbus: batch\n"
        "DELETE FROM a;\nSELECT 2");
    EXPECT_THAT(statements, ElementsAre(Field(&MigrationStatement::is_unchecked, false),
                                        Field(&MigrationStatement::is_unchecked, true),
                                        Field(&MigrationStatement::is_unchecked, true),
                                        Field(&MigrationStatement::is_unchecked, false)));
    EXPECT_TRUE(statements.at(2).in_batches);
    EXPECT_THAT(refusal("SELECT 1;\n-- nimbus: unchecked\n"),
                HasSubstr("line 2: no statement follows 'nimbus: unchecked'"));
}

TEST(MigrationScript, RefusesBatchesThatSayNothing)
{
    EXPECT_THAT(refusal("-- nimbus: batches\nDELETE FROM a"),
                HasSubstr("line 1: 'nimbus: batches' says nothing to Nimbus"));
    EXPECT_THAT(refusal("DELETE FROM a\n-- nimbus: batch\nWHERE b"),
                HasSubstr("line 2: 'nimbus: batch' stands inside a statement"));
    EXPECT_THAT(refusal("DELETE FROM a;\n-- nimbus: batch\n"),
                HasSubstr("line 2: no statement follows 'nimbus: batch'"));
    EXPECT_THAT(refusal("-- nimbus: batch\nDROP TABLE a"),
                HasSubstr("line 2: this statement cannot run in batches"));
}

TEST(MigrationScript, SaysWhatTakesAwayWhatIsInUse)
{
    const auto breaks = [](std::string text) {
        return breaks_the_version_before({.text = std::move(text)});
    };
    for (const char* text :
         {"DROP TABLE a", "DROP VIEW a", "ALTER TABLE a DROP COLUMN b", "ALTER TABLE a DROP b",
          "ALTER TABLE a RENAME COLUMN b TO c", "ALTER TABLE a RENAME TO b"})
        EXPECT_TRUE(breaks(text)) << text;
    for (const char* text :
         {"CREATE TABLE a (b int)", "DROP INDEX a", "ALTER TABLE a ADD COLUMN b int",
          "ALTER TABLE a ALTER COLUMN b DROP NOT NULL", "ALTER TABLE a DROP CONSTRAINT b",
          "ALTER TABLE a ALTER COLUMN b DROP DEFAULT", "DELETE FROM a", "ALTER INDEX a RENAME TO b",
          "ALTER INDEX IF EXISTS a RENAME TO b"})
        EXPECT_FALSE(breaks(text)) << text;
}

TEST(MigrationScript, TitlesAreTheFirstWords)
{
    EXPECT_EQ(title_of({.text = "CREATE TABLE \"a b\" (c int)"}), "CREATE TABLE \"a b\"");
    EXPECT_EQ(title_of({.text = "ALTER TABLE a DROP COLUMN b"}), "ALTER TABLE a DROP");
}

} // namespace
} // namespace nimbus::deploy::sql
