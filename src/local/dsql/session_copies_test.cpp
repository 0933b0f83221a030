#include "local/dsql/concurrency_fixture.h"

#include <gmock/gmock.h>

/// What a block does on private copies of tables, having met somebody: what it would do on the
/// tables, or it is answered with a conflict.
namespace nimbus::local::dsql {
namespace {

using testing::HasSubstr;

class DsqlPrivateCopies : public DsqlConcurrency {
protected:
    /// The block of `a` has copies of `parent` and `child`, and nobody is in its way any more.
    void begin_on_copies(const std::string& table = "parent", const std::string& column = "rank")
    {
        a("ROLLBACK");
        b("ROLLBACK");
        b("SELECT 1 FROM " + table + ", parent, child");
        b("SELECT 1 FROM " + table + ", parent, child");
        b("BEGIN");
        EXPECT_THAT(b("UPDATE " + table + " SET " + column + " = 1 WHERE id = 1"),
                    HasSubstr("UPDATE"));
        EXPECT_EQ(a("BEGIN"), "BEGIN");
        EXPECT_THAT(a("UPDATE " + table + " SET " + column + " = 5 WHERE id = 1"),
                    HasSubstr("UPDATE"));
        EXPECT_EQ(b("ROLLBACK"), "ROLLBACK");
    }
    void make(std::initializer_list<const char*> statements)
    {
        for (const char* statement : statements)
            EXPECT_THAT(admin().run(statement),
                        testing::Not(testing::MatchesRegex("[0-9][0-9A-Z]{4} .*")))
                << statement;
        // Whoever does not know of it yet is told once.
        for (int i = 0; i < 3; ++i) {
            a("SELECT 1 FROM parent, child");
            b("SELECT 1 FROM parent, child");
        }
    }
};

INSTANTIATE_TEST_SUITE_P(InBothProtocols, DsqlPrivateCopies, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Extended" : "Simple"; });

TEST_P(DsqlPrivateCopies, ANameMeansTheTableThatItMeantBefore)
{
    make({"CREATE SCHEMA s1", "CREATE SCHEMA s2", "CREATE TABLE s1.t (id int PRIMARY KEY, v int)",
          "CREATE TABLE s2.t (id int PRIMARY KEY, v int)", "INSERT INTO s1.t VALUES (1, 1)",
          "INSERT INTO s2.t VALUES (1, 1000)", "CREATE TABLE s2.t_pkey1 (id int)"});
    EXPECT_EQ(a("SET search_path = s2"), "SET");
    a("SELECT * FROM t");
    b("SELECT * FROM s1.t");
    begin_on_copies("s1.t", "v");
    EXPECT_EQ(a("SELECT * FROM t"), "1|1000");
    EXPECT_EQ(a("SELECT * FROM s1.t"), "1|5");
    EXPECT_EQ(a("UPDATE t SET v = v - 5 WHERE id = 1 RETURNING v"), "995");
    EXPECT_EQ(a("SELECT x.v, y.v FROM s1.t x JOIN s2.t y USING (id)"), "5|995");
    EXPECT_EQ(a("SET LOCAL search_path = s1"), "SET");
    EXPECT_EQ(a("SELECT v FROM t"), "5");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen("SELECT s1.t.v, s2.t.v FROM s1.t, s2.t"), "5|995");
    // Two of one name at once have no names of their own.
    begin_on_copies("s1.t", "v");
    EXPECT_EQ(a("SELECT s1.t.v, s2.t.v FROM s1.t, s2.t"), conflict);
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(a("RESET search_path"), "RESET");
    admin().run("DROP SCHEMA s1 CASCADE");
    admin().run("DROP SCHEMA s2 CASCADE");
}

TEST_P(DsqlPrivateCopies, AQueryOfWithMayHaveATablesName)
{
    begin_on_copies();
    EXPECT_EQ(a("WITH parent AS (SELECT * FROM parent WHERE id = 1) SELECT rank FROM parent"), "5");
    EXPECT_EQ(a("WITH parent AS (UPDATE parent SET rank = rank + 1 WHERE id = 1 RETURNING *) "
                "SELECT rank FROM parent"),
              "6");
    EXPECT_EQ(a("WITH parent AS (SELECT 7 AS id, 'seven' AS name) INSERT INTO parent (id, name) "
                "SELECT * FROM parent"),
              "INSERT 0 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen("SELECT id, rank FROM parent ORDER BY id"), "1|6\n2|\n7|");
}

TEST_P(DsqlPrivateCopies, TablesAreNamedInAllForms)
{
    for (const auto& [statement, answer] :
         {std::pair{"TABLE child", "1|1|0"},
          {"SELECT count(*) FROM (TABLE child ORDER BY child.id) x", "1"},
          {"SELECT rank FROM parent* WHERE id = 1", "5"},
          {"SELECT rank FROM ONLY (parent) WHERE id = 1", "5"},
          {"DELETE FROM ONLY (child) WHERE id = 1 RETURNING n", "0"},
          {"UPDATE public.parent SET rank = public.parent.rank + 1 WHERE public.parent.id = 1 "
           "RETURNING public.parent.id, public.parent.rank",
           "1|6"},
          {"SELECT \"public\".\"parent\".\"rank\", public.parent.* FROM \"public\".\"parent\" "
           "WHERE (\"public\".\"parent\".\"id\" = 1 AND 1 = 1)",
           "5|1|one|5"},
          {"SELECT rank FROM parent WHERE public.parent.id = 1", "5"},
          {"INSERT INTO public.parent VALUES (1, 'x', 2) ON CONFLICT (id) DO UPDATE SET rank = "
           "public.parent.rank + EXCLUDED.rank RETURNING rank",
           "7"},
          {"INSERT INTO parent VALUES (1, 'x', 2) ON CONFLICT ON CONSTRAINT parent_pkey DO UPDATE "
           "SET rank = 9 RETURNING rank",
           "9"}}) {
        SCOPED_TRACE(statement);
        begin_on_copies();
        EXPECT_EQ(a(statement), answer);
        EXPECT_EQ(a("COMMIT"), "COMMIT");
        seen("UPDATE parent SET rank = NULL");
    }
}

TEST_P(DsqlPrivateCopies, ErrorsNameTheTables)
{
    for (const auto& [statement, error] :
         {std::pair{"INSERT INTO parent VALUES (1, 'x')",
                    "23505 duplicate key value violates unique constraint \"parent_pkey\""},
          {"INSERT INTO parent VALUES (NULL, 'x')",
           "23502 null value in column \"id\" of relation \"parent\" violates not-null constraint"},
          {"DELETE FROM parent WHERE id = 1",
           "23503 update or delete on table \"parent\" violates foreign key constraint "
           "\"child_parent_fkey\" on table \"child\""},
          {"SELECT nothing FROM parent", "42703 column \"nothing\" does not exist"}}) {
        SCOPED_TRACE(statement);
        begin_on_copies();
        EXPECT_EQ(a(statement), error);
    }
    begin_on_copies();
    EXPECT_THAT(a("EXPLAIN SELECT * FROM parent"), HasSubstr(" on parent "));
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
}

TEST_P(DsqlPrivateCopies, TheCatalogueIsThatOfTheTables)
{
    begin_on_copies();
    EXPECT_EQ(a("SELECT conname FROM pg_constraint WHERE conrelid = 'parent'::regclass AND "
                "contype = 'p'"),
              "parent_pkey");
    EXPECT_EQ(a("SELECT count(*) FROM pg_attribute WHERE attrelid = 'parent'::regclass AND "
                "attnum > 0"),
              "3");
    EXPECT_EQ(a("SELECT 'parent_pkey'::regclass = (SELECT conindid FROM pg_constraint WHERE "
                "conname = 'parent_pkey' AND connamespace = 'public'::regnamespace)"),
              "t");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
}

TEST_P(DsqlPrivateCopies, WhatGetsAtATableByAnotherWayIsAConflict)
{
    make({"CREATE VIEW view_of_parents AS SELECT * FROM parent",
          "CREATE VIEW view_of_views AS SELECT count(*) AS n FROM view_of_parents",
          "CREATE FUNCTION reads(i int) RETURNS int LANGUAGE sql STABLE AS "
          "'SELECT rank FROM public.parent WHERE id = i'",
          "CREATE FUNCTION reads_at_once(i int) RETURNS int LANGUAGE sql STABLE RETURN "
          "(SELECT rank FROM parent WHERE id = i)",
          "CREATE FUNCTION reads_a_view() RETURNS bigint LANGUAGE sql STABLE AS "
          "'SELECT sum(rank) FROM public.VIEW_OF_PARENTS'",
          "CREATE FUNCTION calls(i int) RETURNS int LANGUAGE sql AS 'SELECT public.\"reads\"(i)'",
          "CREATE FUNCTION writes(i int) RETURNS int LANGUAGE sql AS "
          "'INSERT INTO public.parent VALUES (i) RETURNING id'",
          "CREATE FUNCTION changes(i int) RETURNS int LANGUAGE sql BEGIN ATOMIC UPDATE parent "
          "SET rank = 1000 WHERE id = i RETURNING rank; END",
          "CREATE FUNCTION whole(p parent) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
          "CREATE FUNCTION hides() RETURNS bigint LANGUAGE sql AS "
          "'SELECT count(*) FROM public.U&\"p\\0061rent\"'",
          "CREATE DOMAIN ranked AS int CHECK (reads(VALUE) IS NULL OR true)",
          "CREATE TABLE strange (id int PRIMARY KEY, v int DEFAULT reads(1))",
          "CREATE TABLE doubtful (id int PRIMARY KEY, v int CHECK (reads(v) IS NULL OR true))",
          "CREATE TABLE harmless (id int PRIMARY KEY, v int)",
          "CREATE FUNCTION harms_none(i int) RETURNS int LANGUAGE sql AS 'SELECT i + 1'",
          "CREATE VIEW view_of_others AS SELECT * FROM harmless"});
    b("SELECT 1 FROM strange, doubtful, harmless");
    a("SELECT 1 FROM strange, doubtful, harmless");
    for (const char* statement : {"SELECT sum(rank) FROM view_of_parents",
                                  "SELECT n FROM view_of_views",
                                  "INSERT INTO view_of_parents VALUES (10, 'ten')",
                                  "DELETE FROM view_of_parents",
                                  "UPDATE view_of_parents SET rank = 3",
                                  "SELECT * FROM view_of_parents FOR UPDATE",
                                  "INSERT INTO harmless SELECT id, rank FROM view_of_parents",
                                  "SELECT reads(1)",
                                  "SELECT public.reads_at_once(1)",
                                  "SELECT reads_a_view()",
                                  "SELECT calls(1)",
                                  "SELECT writes(11)",
                                  "SELECT changes(2)",
                                  "SELECT whole(parent) FROM parent",
                                  "SELECT parent.whole FROM parent",
                                  "SELECT hides()",
                                  "SELECT 1::ranked",
                                  "SELECT (NULL::parent).id",
                                  "INSERT INTO strange VALUES (1)",
                                  "INSERT INTO doubtful VALUES (1, 1)",
                                  "UPDATE parent SET rank = 1 WHERE ctid = '(0,1)'"}) {
        SCOPED_TRACE(statement);
        begin_on_copies();
        EXPECT_EQ(a(statement), conflict);
        EXPECT_EQ(a("COMMIT"), "ROLLBACK");
    }
    // What leads elsewhere goes on.
    begin_on_copies();
    EXPECT_EQ(a("SELECT harms_none(1)"), "2");
    EXPECT_EQ(a("INSERT INTO harmless VALUES (1, harms_none(1))"), "INSERT 0 1");
    EXPECT_EQ(a("SELECT reads(1) FROM parent WHERE id = 1"), conflict);
    a("ROLLBACK");
    begin_on_copies();
    EXPECT_EQ(a("SELECT count(*) FROM view_of_others"), "0");
    EXPECT_EQ(a("SELECT rank FROM parent WHERE id = 1"), "5");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen("SELECT id, rank FROM parent ORDER BY id"), "1|5\n2|");
    make({"DROP TABLE strange, doubtful", "DROP DOMAIN ranked", "DROP VIEW view_of_views",
          "DROP FUNCTION whole, hides, harms_none, changes, writes, calls, reads_a_view",
          "DROP FUNCTION reads_at_once, reads", "DROP VIEW view_of_parents, view_of_others",
          "DROP TABLE harmless"});
}

TEST_P(DsqlPrivateCopies, WhatAFunctionWroteBeforeTheMeetingIsThere)
{
    make({"CREATE TABLE notes (id int PRIMARY KEY)",
          "CREATE FUNCTION writes(i int) RETURNS int LANGUAGE sql AS "
          "'INSERT INTO public.notes VALUES (i) RETURNING id'",
          "CREATE VIEW view_of_writes AS SELECT writes(id + 100) AS id FROM parent"});
    b("BEGIN");
    EXPECT_EQ(b("UPDATE parent SET rank = 1 WHERE id = 1"), "UPDATE 1");
    a("BEGIN");
    EXPECT_EQ(a("SELECT writes(1)"), "1");
    EXPECT_EQ(a("SELECT max(id) FROM view_of_writes"), "102");
    EXPECT_EQ(a("UPDATE parent SET rank = 5 WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(b("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(a("SELECT writes(2)"), "2");
    EXPECT_EQ(a("SELECT count(*) FROM notes"), "4");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen("SELECT id FROM notes ORDER BY id"), "1\n2\n101\n102");
    make({"DROP VIEW view_of_writes", "DROP FUNCTION writes", "DROP TABLE notes"});
}

TEST_P(DsqlPrivateCopies, ABlockThatHasOnlyLockedDoesNotChangeTheSchemaOfCopies)
{
    b("BEGIN");
    EXPECT_EQ(b("UPDATE parent SET rank = 1 WHERE id = 1"), "UPDATE 1");
    a("BEGIN");
    EXPECT_EQ(a("SELECT id FROM parent WHERE id = 1 FOR UPDATE"), "1");
    EXPECT_EQ(b("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(a("ALTER TABLE parent ADD COLUMN more int"), conflict);
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
}

TEST_P(DsqlPrivateCopies, AChangedKeyIsChangedInTheTable)
{
    make({"DROP TABLE child",
          "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent "
          "ON UPDATE CASCADE ON DELETE CASCADE, name text REFERENCES parent (name), n int)",
          "INSERT INTO child VALUES (1, 1, 'one', 0), (2, 2, 'two', 0), (3, 2, NULL, 0)"});
    const auto children = "SELECT id, parent, name FROM child ORDER BY id";
    begin_on_copies();
    EXPECT_EQ(a("UPDATE parent SET id = 7 WHERE id = 2"), "UPDATE 1");
    EXPECT_EQ(a("INSERT INTO child VALUES (4, 7, 'two')"), "INSERT 0 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen(children), "1|1|one\n2|7|two\n3|7|\n4|7|two");
    // Another row takes the key over, or the name.
    begin_on_copies();
    EXPECT_EQ(a("UPDATE parent SET id = 8 WHERE id = 7"), "UPDATE 1");
    EXPECT_EQ(a("INSERT INTO parent VALUES (7, 'seven')"), "INSERT 0 1");
    EXPECT_EQ(a("UPDATE child SET parent = 7 WHERE id = 3"), "UPDATE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen(children), "1|1|one\n2|8|two\n3|7|\n4|8|two");
    begin_on_copies();
    EXPECT_EQ(a("UPDATE child SET name = NULL"), "UPDATE 4");
    EXPECT_EQ(a("UPDATE parent SET name = 'acht' WHERE id = 8"), "UPDATE 1");
    EXPECT_EQ(a("INSERT INTO parent VALUES (9, 'two')"), "INSERT 0 1");
    EXPECT_EQ(a("DELETE FROM parent WHERE id = 7"), "DELETE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen(children), "1|1|\n2|8|\n4|8|");
    EXPECT_EQ(seen("SELECT id, name FROM parent ORDER BY id"), "1|one\n8|acht\n9|two");
}

TEST_P(DsqlPrivateCopies, AUniqueKeyIsAsGoodAsAPrimaryOne)
{
    for (const char* action : {"CASCADE", "SET NULL", "NO ACTION"}) {
        SCOPED_TRACE(action);
        const auto leaf =
            "CREATE TABLE leaf (id int PRIMARY KEY, up int REFERENCES top ON DELETE " +
            std::string(action) + ")";
        make({"CREATE TABLE top (v int, id int NOT NULL UNIQUE)",
              "INSERT INTO top VALUES (0, 1), (0, 2)"});
        make({replace_all(leaf, "top", "top (id)").c_str(),
              "INSERT INTO leaf VALUES (10, 1), (11, 1), (12, 2)"});
        b("SELECT 1 FROM leaf");
        a("SELECT 1 FROM leaf");
        begin_on_copies("top", "v");
        EXPECT_EQ(a("INSERT INTO leaf VALUES (13, 1)"), "INSERT 0 1");
        EXPECT_EQ(a("COMMIT"), "COMMIT");
        EXPECT_EQ(seen("SELECT * FROM top ORDER BY id"), "5|1\n0|2");
        EXPECT_EQ(seen("SELECT * FROM leaf ORDER BY id"), "10|1\n11|1\n12|2\n13|1");
        make({"DROP TABLE leaf", "DROP TABLE top"});
    }
}

TEST_P(DsqlPrivateCopies, CopiesHaveTheRightsOfTheirTables)
{
    make({"CREATE TABLE guarded (id int PRIMARY KEY, v int, secret text, "
          "n bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 1))",
          "INSERT INTO guarded VALUES (1, 1, 'x')", "CREATE ROLE clerk", "GRANT clerk TO admin",
          "GRANT SELECT (id, v), UPDATE (v), INSERT (id, v) ON guarded TO clerk",
          "CREATE ROLE writer", "GRANT writer TO admin",
          "GRANT SELECT, UPDATE, INSERT ON guarded TO writer"});
    for (const char* role : {"clerk", "writer"}) {
        SCOPED_TRACE(role);
        EXPECT_EQ(a("SET ROLE " + std::string(role)), "SET");
        a("SELECT id FROM guarded");
        b("SELECT id FROM guarded");
        b("BEGIN");
        EXPECT_EQ(b("UPDATE guarded SET v = 2 WHERE id = 1"), "UPDATE 1");
        a("BEGIN");
        EXPECT_EQ(a("UPDATE guarded SET v = v + 10 WHERE id = 1"), "UPDATE 1");
        EXPECT_EQ(a("INSERT INTO guarded (id, v) VALUES ((SELECT max(id) + 1 FROM guarded), 3)"),
                  "INSERT 0 1");
        EXPECT_EQ(b("ROLLBACK"), "ROLLBACK");
        if (role == std::string("clerk")) {
            EXPECT_EQ(a("COMMIT"), "COMMIT");
            b("BEGIN");
            EXPECT_EQ(b("UPDATE guarded SET v = 2 WHERE id = 1"), "UPDATE 1");
            a("BEGIN");
            EXPECT_EQ(a("UPDATE guarded SET v = v + 10 WHERE id = 1"), "UPDATE 1");
            EXPECT_EQ(a("SELECT secret FROM guarded"), "42501 permission denied for table guarded");
            EXPECT_EQ(b("ROLLBACK"), "ROLLBACK");
        }
        a("COMMIT");
        EXPECT_EQ(a("RESET ROLE"), "RESET");
    }
    EXPECT_EQ(seen("SELECT id, v, n FROM guarded ORDER BY id"), "1|21|1\n2|3|2\n3|3|3");
    make({"DROP TABLE guarded", "DROP ROLE clerk", "DROP ROLE writer"});
}

TEST_P(DsqlPrivateCopies, AnIdentityIsGivenByItsSequence)
{
    make({"CREATE TABLE numbered (id int PRIMARY KEY, v int, "
          "n bigint GENERATED ALWAYS AS IDENTITY (CACHE 1))",
          "INSERT INTO numbered VALUES (1, 1)"});
    begin_on_copies("numbered", "v");
    EXPECT_EQ(a("INSERT INTO numbered (id, n) VALUES (2, 50)"),
              "428C9 cannot insert a non-DEFAULT value into column \"n\"");
    begin_on_copies("numbered", "v");
    EXPECT_EQ(a("INSERT INTO numbered (id) VALUES (3) RETURNING n"), "2");
    EXPECT_EQ(a("SELECT currval(pg_get_serial_sequence('numbered', 'n'))"), "2");
    EXPECT_EQ(a("INSERT INTO numbered (id, n) OVERRIDING SYSTEM VALUE VALUES (4, 70)"),
              "INSERT 0 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(seen("SELECT id, n FROM numbered ORDER BY id"), "1|1\n3|2\n4|70");
    EXPECT_EQ(a("SELECT count(*) FROM pg_proc WHERE proname LIKE 'nimbus_next%'"), "0");
    make({"DROP TABLE numbered"});
}

} // namespace
} // namespace nimbus::local::dsql
