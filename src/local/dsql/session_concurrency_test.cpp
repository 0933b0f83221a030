#include "local/dsql/concurrency_fixture.h"

#include <gmock/gmock.h>

/// What two sessions show each other: Aurora DSQL User Guide, "Concurrency control in Aurora DSQL".
namespace nimbus::local::dsql {
namespace {

INSTANTIATE_TEST_SUITE_P(InBothProtocols, DsqlConcurrency, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Extended" : "Simple"; });

TEST_P(DsqlConcurrency, ABlockSeesTheDataAsTheyWereAtBegin)
{
    EXPECT_EQ(a("BEGIN"), "BEGIN");
    EXPECT_EQ(b("UPDATE parent SET name = 'new' WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 1"), "one");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 1"), "new");
}

TEST_P(DsqlConcurrency, WhoCommitsFirstWins)
{
    a("BEGIN");
    EXPECT_EQ(a("UPDATE parent SET name = 'a' WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(b("UPDATE parent SET name = 'b' WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(a("COMMIT"), conflict);
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 1"), "b");
}

TEST_P(DsqlConcurrency, BothInABlock)
{
    for (const bool first : {true, false}) {
        a("BEGIN");
        b("START TRANSACTION");
        EXPECT_EQ(a("UPDATE child SET n = n + 1 WHERE id = 1 RETURNING n"), first ? "1" : "2");
        EXPECT_EQ(b("UPDATE child SET n = n + 1 WHERE id = 1 RETURNING n"), first ? "1" : "2");
        EXPECT_EQ(b("SELECT n FROM child"), first ? "1" : "2");
        EXPECT_EQ(first ? a("COMMIT") : b("COMMIT"), "COMMIT");
        EXPECT_EQ(first ? b("COMMIT") : a("COMMIT"), conflict);
    }
    EXPECT_EQ(seen("SELECT n FROM child"), "2");
}

TEST_P(DsqlConcurrency, WhoRollsBackStandsInNobodysWay)
{
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("UPDATE child SET n = 5"), "UPDATE 1");
    EXPECT_EQ(b("UPDATE child SET n = 6"), "UPDATE 1");
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(seen("SELECT n FROM child"), "6");
}

TEST_P(DsqlConcurrency, ABlockThatMetSomebodySeesWhatItWrites)
{
    a("BEGIN");
    EXPECT_EQ(b("UPDATE child SET n = 9"), "UPDATE 1");
    EXPECT_EQ(a("UPDATE child SET n = n + 1 RETURNING n"), "1");
    EXPECT_EQ(a("SELECT n FROM public.child"), "1");
    EXPECT_EQ(a("INSERT INTO child VALUES (2, 2, 7), (3, 1, 8)"), "INSERT 0 2");
    EXPECT_EQ(a("SELECT c.id, p.name FROM child c JOIN parent p ON p.id = c.parent ORDER BY 1"),
              "1|one\n2|two\n3|one");
    EXPECT_EQ(a("DELETE FROM child WHERE id = 3"), "DELETE 1");
    EXPECT_EQ(a("WITH c AS (SELECT max(n) AS n FROM child) SELECT n FROM c"), "7");
    EXPECT_EQ(a("INSERT INTO child VALUES (4, 3, 0)"),
              "23503 insert or update on table \"child\" violates foreign key constraint "
              "\"child_parent_fkey\"");
    EXPECT_EQ(a("SELECT 1"), "25P02 current transaction is aborted, commands ignored until end of "
                             "transaction block");
    EXPECT_EQ(a("COMMIT"), "ROLLBACK");
    EXPECT_EQ(seen("SELECT id, n FROM child"), "1|9");
}

TEST_P(DsqlConcurrency, ALostBlockGoesOnForItsOwnEyes)
{
    b("CREATE TABLE odd (j jsonb, f double precision, g int GENERATED ALWAYS AS (1) STORED, t "
      "text)");
    a("BEGIN");
    EXPECT_EQ(a("UPDATE child SET n = 5 WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(a("INSERT INTO parent VALUES (3, 'three')"), "INSERT 0 1");
    EXPECT_EQ(a("INSERT INTO odd VALUES ('{\"a\": [1, \"x\"]}', 0.1, DEFAULT, 'it''s, \"(odd)\"'), "
                "(NULL, NULL, DEFAULT, NULL)"),
              "INSERT 0 2");
    EXPECT_EQ(b("UPDATE child SET n = 9 WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(a("SELECT n FROM child"), "5");
    EXPECT_EQ(a("SELECT * FROM odd"), "{\"a\": [1, \"x\"]}|0.1|1|it's, \"(odd)\"\n||1|");
    EXPECT_EQ(a("INSERT INTO child VALUES (2, 3, 1)"), "INSERT 0 1");
    EXPECT_EQ(a("UPDATE child SET n = n + 1 RETURNING n"), "6\n2");
    EXPECT_EQ(a("COMMIT"), conflict);
    EXPECT_EQ(seen("SELECT * FROM child"), "1|1|9");
    EXPECT_EQ(seen("SELECT count(*) FROM odd"), "0");
    b("DROP TABLE odd");
}

TEST_P(DsqlConcurrency, WhatWasDoneAfterAMeetingIsCommitted)
{
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(b("UPDATE child SET n = 9"), "UPDATE 1");
    EXPECT_EQ(a("INSERT INTO parent VALUES (3, 'three')"), "INSERT 0 1");
    EXPECT_EQ(a("UPDATE child SET n = 5"), "UPDATE 1");
    EXPECT_EQ(a("INSERT INTO child VALUES (2, 3, 1)"), "INSERT 0 1");
    EXPECT_EQ(a("UPDATE parent SET name = 'drei' WHERE id = 3"), "UPDATE 1");
    EXPECT_EQ(a("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("COMMIT"), conflict);
    EXPECT_EQ(seen("SELECT * FROM child ORDER BY 1"), "1|1|5\n2|3|1");
    EXPECT_EQ(seen("SELECT id, name FROM parent ORDER BY 1"), "1|one\n3|drei");
}

TEST_P(DsqlConcurrency, TablesWithoutAKeyAreTables)
{
    b("CREATE TABLE keyless (c text, o int)");
    b("INSERT INTO keyless VALUES ('x', 1), ('x', 1), ('y', 2)");
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(b("UPDATE keyless SET o = 9 WHERE c = 'y'"), "UPDATE 1");
    EXPECT_EQ(a("UPDATE keyless SET o = 3 WHERE c = 'y'"), "UPDATE 1");
    EXPECT_EQ(a("INSERT INTO keyless VALUES ('x', 1)"), "INSERT 0 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("COMMIT"), conflict);
    EXPECT_EQ(seen("SELECT * FROM keyless ORDER BY 1, 2"), "x|1\nx|1\nx|1\ny|3");
    b("DROP TABLE keyless");
}

TEST_P(DsqlConcurrency, CascadesReachWhoHasCopies)
{
    b("CREATE TABLE leaf (id int PRIMARY KEY, up int REFERENCES parent ON DELETE CASCADE, "
      "other int REFERENCES parent ON DELETE SET NULL)");
    b("INSERT INTO leaf VALUES (1, 1, 2), (2, 2, 1), (3, NULL, 2)");
    b("DELETE FROM child");
    a("BEGIN");
    EXPECT_EQ(b("UPDATE leaf SET other = NULL WHERE id = 2"), "UPDATE 1");
    EXPECT_EQ(a("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(a("SELECT id, up, other FROM leaf ORDER BY 1"), "1|1|\n3||");
    EXPECT_EQ(a("COMMIT"), conflict);
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(b("UPDATE parent SET rank = 5"), "UPDATE 2");
    EXPECT_EQ(a("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("COMMIT"), conflict);
    EXPECT_EQ(seen("SELECT id, up, other FROM leaf ORDER BY 1"), "1|1|\n3||");
    b("DROP TABLE leaf");
}

TEST_P(DsqlConcurrency, ValuesOfSequencesStayAsTheyWereSeen)
{
    b("CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY, "
      "token uuid DEFAULT gen_random_uuid(), n int UNIQUE)");
    b("INSERT INTO numbered (n) VALUES (1)");
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(b("UPDATE numbered SET n = 7 WHERE n = 1"), "UPDATE 1");
    EXPECT_EQ(a("UPDATE numbered SET n = 8 WHERE n = 1"), "UPDATE 1");
    const auto inserted = a("INSERT INTO numbered (n) VALUES (2) RETURNING id, token");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen("SELECT id, token FROM numbered WHERE n = 2"), inserted);
    EXPECT_EQ(b("COMMIT"), conflict);
    b("DROP TABLE numbered");
}

TEST_P(DsqlConcurrency, AKeyThatSomebodyElseHasTakenIsAConflictAtCommit)
{
    a("BEGIN");
    EXPECT_EQ(b("INSERT INTO parent VALUES (9, 'nine')"), "INSERT 0 1");
    EXPECT_EQ(a("INSERT INTO parent VALUES (9, 'neun')"), "INSERT 0 1");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 9"), "neun");
    EXPECT_EQ(a("COMMIT"), conflict);
    // One that the block sees is no conflict.
    a("BEGIN");
    EXPECT_EQ(a("INSERT INTO parent VALUES (9, 'neun')"),
              "23505 duplicate key value violates unique constraint \"parent_pkey\"");
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    // Nor is one that is not committed.
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("INSERT INTO parent VALUES (8, 'a')"), "INSERT 0 1");
    EXPECT_EQ(b("INSERT INTO parent VALUES (8, 'b')"), "INSERT 0 1");
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(seen("SELECT name FROM parent WHERE id = 8"), "b");
}

TEST_P(DsqlConcurrency, LocksAreConflictsAtCommit)
{
    // FOR KEY SHARE and the row's deletion
    a("BEGIN");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 2 FOR KEY SHARE"), "two");
    EXPECT_EQ(b("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(a("COMMIT"), conflict);
    // FOR UPDATE and a change, whoever is first
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 1 FOR UPDATE"), "one");
    EXPECT_EQ(b("UPDATE parent SET name = 'b' WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(a("COMMIT"), conflict);
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 1 FOR UPDATE"), "b");
    EXPECT_EQ(b("UPDATE parent SET name = 'c' WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("COMMIT"), conflict);
    // two FOR UPDATE
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 1 FOR UPDATE"), "b");
    EXPECT_EQ(b("SELECT name FROM parent WHERE id = 1 FOR UPDATE"), "b");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(a("COMMIT"), conflict);
}

TEST_P(DsqlConcurrency, NobodysLocksAreSkippedOrRefused)
{
    for (const char* clause : {"NOWAIT", "SKIP LOCKED"}) {
        SCOPED_TRACE(clause);
        const auto lock =
            "SELECT id FROM parent ORDER BY id LIMIT 1 FOR UPDATE " + std::string(clause);
        for (const bool other_commits : {false, true}) {
            a("BEGIN");
            b("BEGIN");
            EXPECT_EQ(b("UPDATE parent SET rank = 1 WHERE id = 1"), "UPDATE 1");
            EXPECT_EQ(a(lock), "1");
            EXPECT_EQ(b(other_commits ? "COMMIT" : "ROLLBACK"),
                      other_commits ? "COMMIT" : "ROLLBACK");
            EXPECT_EQ(a("COMMIT"), other_commits ? conflict : "COMMIT");
        }
        // What is committed at once is first.
        b("BEGIN");
        EXPECT_EQ(b("UPDATE parent SET rank = 1 WHERE id = 1"), "UPDATE 1");
        EXPECT_EQ(a(lock), "1");
        EXPECT_EQ(b("COMMIT"), conflict);
    }
}

/// Of two blocks, the one that locks and commits first, and the other one that began before that.
TEST_P(DsqlConcurrency, AKeyThatWasSharedIsComparedWithWhatIsCommittedLater)
{
    for (const auto& [change, tag, last] :
         {std::tuple{"DELETE FROM parent WHERE id = 2", "DELETE 1", conflict},
          {"DELETE FROM parent WHERE id = 1", "DELETE 0", "COMMIT"},
          {"UPDATE parent SET id = 7 WHERE name = 'two'", "UPDATE 1", conflict},
          {"UPDATE parent SET name = 'zwei' WHERE id = 2", "UPDATE 1", conflict},
          {"UPDATE parent SET rank = 7 WHERE id = 2", "UPDATE 1", "COMMIT"},
          {"INSERT INTO parent VALUES (7, 'seven')", "INSERT 0 1", "COMMIT"},
          {"SELECT name FROM parent WHERE id = 2 FOR UPDATE", "two", conflict},
          {"SELECT name FROM parent WHERE id = 2 FOR KEY SHARE", "two", "COMMIT"}}) {
        for (const bool change_is_first : {false, true}) {
            SCOPED_TRACE(change + std::string(change_is_first ? ", first" : ""));
            seen("DELETE FROM child");
            seen("DELETE FROM parent WHERE id <> 2");
            a("BEGIN");
            b("BEGIN");
            if (change_is_first) {
                EXPECT_EQ(b(change), tag);
            }
            EXPECT_EQ(a("SELECT name FROM parent WHERE id = 2 FOR KEY SHARE"), "two");
            EXPECT_EQ(a("COMMIT"), "COMMIT");
            if (!change_is_first) {
                EXPECT_EQ(b(change), tag);
            }
            EXPECT_EQ(b("COMMIT"), last);
            seen("UPDATE parent SET name = 'two', id = 2 WHERE id IN (2, 7)");
        }
    }
}

TEST_P(DsqlConcurrency, ALockIsComparedWithKeysThatAreSharedLater)
{
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 2 FOR UPDATE"), "two");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("SELECT name FROM parent WHERE id = 2 FOR KEY SHARE"), "two");
    EXPECT_EQ(b("COMMIT"), conflict);

    // A child shares its parent's key.
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 2 FOR UPDATE"), "two");
    EXPECT_EQ(b("INSERT INTO child VALUES (7, 1, 0)"), "INSERT 0 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("INSERT INTO child VALUES (8, 2, 0)"), "INSERT 0 1");
    EXPECT_EQ(b("COMMIT"), conflict);
    EXPECT_EQ(seen("SELECT count(*) FROM child"), "1");
}

TEST_P(DsqlConcurrency, AForeignKeySharesItsParentsKey)
{
    enum class Change { first, between, last };
    for (const auto& change : changes_of_parents) {
        for (const char* child :
             {"INSERT INTO child VALUES (7, 2, 0)", "UPDATE child SET parent = 2 WHERE id = 1"}) {
            for (const auto when : {Change::first, Change::between, Change::last}) {
                SCOPED_TRACE(std::string(child) + "; " + change.sql + "; " +
                             std::to_string(static_cast<int>(when)));
                const auto changes = [&](Change now) {
                    if (when == now) {
                        EXPECT_EQ(b(change.sql), change.tag);
                    }
                };
                seen("DELETE FROM child; DELETE FROM parent");
                seen("INSERT INTO parent VALUES (1, 'one'), (2, 'two')");
                seen("INSERT INTO child VALUES (1, NULL, 0)");
                a("BEGIN");
                b("BEGIN");
                changes(Change::first);
                EXPECT_THAT(a(child), testing::HasSubstr(" 1"));
                changes(Change::between);
                EXPECT_EQ(a("COMMIT"), "COMMIT");
                changes(Change::last);
                EXPECT_EQ(b("COMMIT"), change.end);
            }
        }
    }
}

TEST_P(DsqlConcurrency, AForeignKeyFindsOutAtCommitThatItsParentWasFirst)
{
    for (const auto& change : changes_of_parents) {
        for (const bool child_is_first : {false, true}) {
            SCOPED_TRACE(change.sql + std::string(child_is_first ? ", last" : ""));
            seen("DELETE FROM child; DELETE FROM parent");
            seen("INSERT INTO parent VALUES (1, 'one'), (2, 'two')");
            a("BEGIN");
            b("BEGIN");
            if (child_is_first) {
                EXPECT_EQ(a("INSERT INTO child VALUES (7, 2, 0)"), "INSERT 0 1");
            }
            EXPECT_EQ(b(change.sql), change.tag);
            EXPECT_EQ(b("COMMIT"), "COMMIT");
            if (!child_is_first) {
                EXPECT_EQ(a("INSERT INTO child VALUES (7, 2, 0)"), "INSERT 0 1");
            }
            EXPECT_EQ(a("COMMIT"), change.end);
        }
    }
}

/// What does not write the foreign key's columns shares nothing.
TEST_P(DsqlConcurrency, AChildThatKeepsItsParentSharesNothing)
{
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("UPDATE child SET n = 9 WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("SELECT name FROM parent WHERE id = 1 FOR UPDATE"), "one");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
}

TEST_P(DsqlConcurrency, WhatBeganLaterMeetsNoLock)
{
    a("BEGIN");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 2 FOR KEY SHARE"), "two");
    seen("INSERT INTO parent VALUES (3, 'three')");
    b("BEGIN");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    b("BEGIN");
    EXPECT_EQ(b("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(b("COMMIT"), "COMMIT");

    // One that was not committed, either.
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 3 FOR KEY SHARE"), "three");
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(b("DELETE FROM parent WHERE id = 3"), "DELETE 1");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
}

TEST_P(DsqlConcurrency, LocksOfWhoMetSomebodyAreConflictsAtCommit)
{
    // b has copies of the tables when it locks.
    for (const auto& [lock, change] :
         {std::pair{"UPDATE", "UPDATE parent SET rank = 8 WHERE id = 2"},
          {"KEY SHARE", "DELETE FROM parent WHERE id = 2"}}) {
        SCOPED_TRACE(lock);
        a("BEGIN");
        b("BEGIN");
        EXPECT_EQ(a("UPDATE parent SET rank = 5 WHERE id = 1"), "UPDATE 1");
        EXPECT_EQ(b("UPDATE parent SET rank = 6 WHERE id = 1"), "UPDATE 1");
        EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
        a("BEGIN");
        EXPECT_EQ(b("SELECT name FROM parent WHERE id = 2 FOR " + std::string(lock)), "two");
        EXPECT_EQ(b("COMMIT"), "COMMIT");
        EXPECT_THAT(a(change), testing::HasSubstr(" 1"));
        EXPECT_EQ(a("COMMIT"), conflict);
    }
}

TEST_P(DsqlConcurrency, ForeignKeysAreHeldAtCommit)
{
    a("BEGIN");
    EXPECT_EQ(a("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(b("INSERT INTO child VALUES (2, 2, 0)"), "INSERT 0 1");
    EXPECT_EQ(a("COMMIT"), conflict);
    b("DELETE FROM child WHERE id = 2");

    a("BEGIN");
    EXPECT_EQ(b("INSERT INTO child VALUES (2, 2, 0)"), "INSERT 0 1");
    EXPECT_EQ(a("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(a("COMMIT"), conflict);
    b("DELETE FROM child WHERE id = 2");

    a("BEGIN");
    EXPECT_EQ(a("INSERT INTO child VALUES (2, 2, 0)"), "INSERT 0 1");
    EXPECT_EQ(b("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(a("COMMIT"), conflict);
    EXPECT_EQ(seen("SELECT count(*) FROM child"), "1");

    // What is no key of the parent is nobody's business.
    EXPECT_EQ(b("UPDATE parent SET rank = 1 WHERE id = 1"), "UPDATE 1");
    a("BEGIN");
    EXPECT_EQ(a("INSERT INTO child VALUES (2, 1, 0)"), "INSERT 0 1");
    EXPECT_EQ(b("UPDATE parent SET rank = 2 WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
}

TEST_P(DsqlConcurrency, ASchemaChangesUnderABlock)
{
    a("BEGIN");
    EXPECT_EQ(a("UPDATE child SET n = 1"), "UPDATE 1");
    EXPECT_EQ(b("ALTER TABLE child ADD COLUMN more int"), "ALTER TABLE");
    EXPECT_EQ(a("COMMIT"), schema_conflict);

    a("BEGIN");
    EXPECT_EQ(a("SELECT n FROM child"), "0");
    EXPECT_EQ(b("DROP TABLE child"), "DROP TABLE");
    EXPECT_EQ(a("COMMIT"), schema_conflict);
}

TEST_P(DsqlConcurrency, ATableThatChangedSinceBeginIsAConflictWhereItIsUsed)
{
    for (const char* change :
         {"ALTER TABLE child ADD COLUMN more int", "ALTER TABLE child RENAME COLUMN more TO other",
          "GRANT SELECT ON child TO admin", "CREATE INDEX ASYNC ON child (n)",
          "ALTER TABLE child ALTER COLUMN n SET DEFAULT 7"}) {
        SCOPED_TRACE(change);
        a("BEGIN");
        EXPECT_EQ(a("SELECT count(*) FROM parent"), "2");
        EXPECT_THAT(b(change), testing::Not(testing::HasSubstr(" not supported")));
        EXPECT_EQ(a("SELECT n FROM child"), "0");
        EXPECT_EQ(a("COMMIT"), schema_conflict);
        a("BEGIN");
        EXPECT_EQ(a("SELECT n FROM child"), "0");
        EXPECT_EQ(a("COMMIT"), "COMMIT") << "once is enough";
    }
    // Reading is enough, and so is a moment without a lock.
    a("BEGIN READ ONLY");
    EXPECT_EQ(a("SELECT n FROM child"), "0");
    EXPECT_EQ(b("GRANT SELECT ON TABLE child TO admin"), "GRANT");
    EXPECT_EQ(a("COMMIT"), schema_conflict);
    // Another table is no concern of the block.
    a("BEGIN");
    EXPECT_EQ(a("UPDATE parent SET rank = 1 WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(b("ALTER TABLE child ADD COLUMN last int"), "ALTER TABLE");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(a("SELECT n FROM child"), schema_conflict);
    // Nor is what changes nothing, or was not committed.
    a("BEGIN");
    EXPECT_EQ(b("CREATE TABLE IF NOT EXISTS child (id int PRIMARY KEY)"), "CREATE TABLE");
    b("BEGIN");
    EXPECT_EQ(b("ALTER TABLE child ADD COLUMN undone int"), "ALTER TABLE");
    EXPECT_EQ(b("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(a("SELECT n FROM child"), "0");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
}

TEST_P(DsqlConcurrency, OfTwoChangesOfTheSchemaTheFirstWins)
{
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("CREATE TABLE one (id int)"), "CREATE TABLE");
    EXPECT_EQ(b("CREATE TABLE other (id int)"), "CREATE TABLE");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(a("COMMIT"), schema_conflict);
    EXPECT_EQ(a("CREATE TABLE one (id int)"), "CREATE TABLE");
    EXPECT_EQ(a("DROP TABLE one, other"), "DROP TABLE");
}

/// A constraint calls a function that a client has made.
TEST_P(DsqlConcurrency, NothingOfAClientsRunsWithOtherRightsForABlock)
{
    b("CREATE TABLE who (name text)");
    EXPECT_EQ(b("CREATE FUNCTION tells(n int) RETURNS boolean LANGUAGE sql AS "
                "'INSERT INTO public.who SELECT current_user; SELECT true'"),
              "CREATE FUNCTION");
    EXPECT_EQ(b("CREATE FUNCTION is_told(n int) RETURNS int IMMUTABLE LANGUAGE sql AS "
                "'SELECT CASE WHEN public.tells(n) THEN n END'"),
              "CREATE FUNCTION");
    EXPECT_EQ(b("CREATE TABLE checked (id int PRIMARY KEY, n int CHECK (tells(n)), "
                "g int GENERATED ALWAYS AS (is_told(n)) STORED, "
                "up int REFERENCES parent ON DELETE SET NULL, "
                // These PostgreSQL calls when it plans a statement, or makes a table.
                "k int GENERATED ALWAYS AS (is_told(7)) STORED CHECK (is_told(8) > 0))"),
              "CREATE TABLE");
    EXPECT_THAT(b("CREATE UNIQUE INDEX ASYNC ON checked (is_told(id), is_told(9))"),
                testing::MatchesRegex("[a-z2-7]+"));
    EXPECT_EQ(b("INSERT INTO checked VALUES (1, 1, DEFAULT, 2), (2, 2, DEFAULT, 2)"), "INSERT 0 2");
    // copies, and what COMMIT makes of them
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(b("UPDATE checked SET n = 5"), "UPDATE 2");
    EXPECT_EQ(a("UPDATE checked SET n = 6"), "UPDATE 2");
    EXPECT_EQ(a("INSERT INTO checked VALUES (3, 3)"), "INSERT 0 1");
    EXPECT_EQ(a("DELETE FROM parent WHERE id = 2"), "DELETE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("SELECT n FROM checked WHERE id = 1"), "5") << "what is lost goes on";
    // Its constraint writes another table that has a copy.
    EXPECT_EQ(b("UPDATE checked SET n = 7"), conflict);
    EXPECT_EQ(b("COMMIT"), "ROLLBACK");
    // locks that are written at COMMIT, and those that others have to know
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("SELECT n FROM checked WHERE id = 3 FOR UPDATE"), "3");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("SELECT n FROM checked WHERE id = 3 FOR KEY SHARE"), "3");
    EXPECT_EQ(b("COMMIT"), conflict);
    EXPECT_EQ(seen("SELECT DISTINCT name FROM who"), "admin");
    EXPECT_EQ(seen("SELECT id, n, g, up FROM checked ORDER BY id"), "1|6|6|\n2|6|6|\n3|3|3|");
    b("DROP TABLE checked");
    b("DROP TABLE who");
    b("DROP FUNCTION is_told");
    b("DROP FUNCTION tells");
}

TEST_P(DsqlConcurrency, NobodyIsDeadlocked)
{
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(a("UPDATE parent SET name = 'a1' WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(b("UPDATE parent SET name = 'b2' WHERE id = 2"), "UPDATE 1");
    EXPECT_EQ(a("UPDATE parent SET name = 'a2' WHERE id = 2"), "UPDATE 1");
    EXPECT_EQ(b("UPDATE parent SET name = 'b1' WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(b("SELECT name FROM parent ORDER BY id"), "b1\nb2");
    EXPECT_EQ(a("SELECT name FROM parent ORDER BY id"), "a1\na2");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(a("COMMIT"), conflict);
    EXPECT_EQ(seen("SELECT name FROM parent ORDER BY id"), "b1\nb2");
}

TEST_P(DsqlConcurrency, TheBlocksOfOneQuery)
{
    auto& connection = a_->connection;
    EXPECT_EQ(connection.run("BEGIN; UPDATE child SET n = 3; SELECT n FROM child; COMMIT"),
              "COMMIT");
    EXPECT_EQ(connection.run("BEGIN; UPDATE child SET n = 4; SELECT 1 / 0; COMMIT"),
              "22012 division by zero");
    EXPECT_EQ(connection.run("SELECT 1"), "25P02 current transaction is aborted, commands ignored "
                                          "until end of transaction block");
    EXPECT_EQ(connection.run("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(seen("SELECT n FROM child"), "3");
}

} // namespace
} // namespace nimbus::local::dsql
