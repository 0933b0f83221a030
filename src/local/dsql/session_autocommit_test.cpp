#include "local/dsql/concurrency_fixture.h"

#include <gmock/gmock.h>

/// What statements outside of a block show those who are in one: all that a block would. The matrix
/// is of Aurora DSQL User Guide, "Concurrency control in Aurora DSQL".
namespace nimbus::local::dsql {
namespace {

using testing::HasSubstr;

class DsqlAutocommit : public DsqlConcurrency {
protected:
    void SetUp() override
    {
        DsqlConcurrency::SetUp();
        if (!IsSkipped())
            admin_.emplace(admin());
    }
    void start_over(const std::string& children = "(1, NULL, 0)")
    {
        admin_->run("DELETE FROM child; DELETE FROM parent; "
                    "INSERT INTO parent VALUES (1, 'one'), (2, 'two'); INSERT INTO child VALUES " +
                    children);
    }
    /// What admin has changed is nothing new to the others from here on: no OC001.
    void learn_the_schema()
    {
        EXPECT_EQ(a("SELECT 1"), "1");
        EXPECT_EQ(b("SELECT 1"), "1");
    }

    std::optional<Connection> admin_;
};

INSTANTIATE_TEST_SUITE_P(InBothProtocols, DsqlAutocommit, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Extended" : "Simple"; });

TEST_P(DsqlAutocommit, AForeignKeySharesItsParentsKey)
{
    for (const auto& change : changes_of_parents) {
        for (const char* child :
             {"INSERT INTO child VALUES (7, 2, 0)", "UPDATE child SET parent = 2 WHERE id = 1",
              "INSERT INTO child SELECT 7, 2, 0",
              "INSERT INTO child VALUES (1, 2, 0) "
              "ON CONFLICT (id) DO UPDATE SET parent = excluded.parent",
              "WITH w AS (INSERT INTO child VALUES (7, 2, 0) RETURNING 1) SELECT ' 1' FROM w"}) {
            for (const bool change_is_first : {false, true}) {
                SCOPED_TRACE(std::string(child) + "; " + change.sql +
                             (change_is_first ? ", first" : ""));
                start_over();
                b("BEGIN");
                if (change_is_first) {
                    EXPECT_EQ(b(change.sql), change.tag);
                }
                EXPECT_THAT(a(child), HasSubstr(" 1"));
                if (!change_is_first) {
                    EXPECT_EQ(b(change.sql), change.tag);
                }
                EXPECT_EQ(b("COMMIT"), change.end);
            }
        }
    }
}

/// The child is gone when the block ends.
TEST_P(DsqlAutocommit, AKeyThatWasSharedForAMomentWasShared)
{
    for (const auto& change : changes_of_parents) {
        SCOPED_TRACE(change.sql);
        start_over();
        b("BEGIN");
        EXPECT_EQ(a("INSERT INTO child VALUES (7, 2, 0)"), "INSERT 0 1");
        EXPECT_EQ(a("DELETE FROM child WHERE id = 7"), "DELETE 1");
        EXPECT_EQ(b(change.sql), change.tag);
        EXPECT_EQ(b("COMMIT"), change.end);
    }
}

TEST_P(DsqlAutocommit, ALockIsComparedWithWhatIsCommittedLater)
{
    for (const auto& [lock, change, end] :
         {std::tuple{"UPDATE", "UPDATE parent SET rank = 7 WHERE id = 2", conflict},
          {"UPDATE", "DELETE FROM parent WHERE id = 2", conflict},
          {"UPDATE", "SELECT ' 1' FROM parent WHERE id = 2 FOR UPDATE", conflict},
          {"UPDATE", "SELECT ' 1' FROM parent WHERE id = 2 FOR KEY SHARE", conflict},
          {"UPDATE", "INSERT INTO child VALUES (7, 2, 0)", conflict},
          {"UPDATE", "INSERT INTO child VALUES (7, 1, 0)", "COMMIT"},
          {"KEY SHARE", "UPDATE parent SET rank = 7 WHERE id = 2", "COMMIT"},
          {"KEY SHARE", "UPDATE parent SET name = 'zwei' WHERE id = 2", conflict},
          {"KEY SHARE", "DELETE FROM parent WHERE id = 2", conflict},
          {"KEY SHARE", "SELECT ' 1' FROM parent WHERE id = 2 FOR UPDATE", conflict},
          {"KEY SHARE", "INSERT INTO child VALUES (7, 2, 0)", "COMMIT"}}) {
        SCOPED_TRACE(std::string(lock) + ", " + change);
        start_over();
        b("BEGIN");
        EXPECT_EQ(a("SELECT name FROM parent WHERE id = 2 FOR " + std::string(lock)), "two");
        EXPECT_THAT(b(change), HasSubstr(" 1"));
        EXPECT_EQ(b("COMMIT"), end);
    }
}

TEST_P(DsqlAutocommit, WhatFailedHasLockedNothing)
{
    start_over("(1, NULL, 0)");
    b("BEGIN");
    EXPECT_THAT(a("INSERT INTO child VALUES (7, 2, 0), (1, 2, 0)"), HasSubstr("23505 "));
    EXPECT_THAT(a("INSERT INTO child VALUES (7, 2, 0), (8, 5, 0)"), HasSubstr("23503 "));
    EXPECT_EQ(b("SELECT name FROM parent WHERE id = 2 FOR UPDATE"), "two");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    // Nor does anything of it go with what is committed next.
    b("BEGIN");
    EXPECT_EQ(a("INSERT INTO child VALUES (7, 1, 0)"), "INSERT 0 1");
    EXPECT_EQ(b("SELECT name FROM parent WHERE id = 2 FOR UPDATE"), "two");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
}

TEST_P(DsqlAutocommit, WhatBeganLaterMeetsNoLock)
{
    start_over();
    Client other{admin(), GetParam()};
    other("BEGIN");
    EXPECT_EQ(a("INSERT INTO child VALUES (7, 2, 0)"), "INSERT 0 1");
    EXPECT_EQ(a("SELECT name FROM parent WHERE id = 1 FOR UPDATE"), "one");
    b("BEGIN");
    EXPECT_EQ(b("UPDATE parent SET name = 'drei'  WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(b("UPDATE parent SET name = 'zwei'  WHERE id = 2"), "UPDATE 1");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(other("COMMIT"), "COMMIT");
}

TEST_P(DsqlAutocommit, SeveralStatementsOfOneTransaction)
{
    for (const char* query :
         {"SELECT 1; INSERT INTO child VALUES (7, 2, 0)",
          "INSERT INTO child VALUES (7, 2, 0); SELECT 1",
          "INSERT INTO child VALUES (7, 2, 0); BEGIN; UPDATE child SET n = 5 WHERE id = 1; COMMIT",
          "SELECT name FROM parent WHERE id = 2 FOR KEY SHARE; SELECT 1"}) {
        SCOPED_TRACE(query);
        start_over();
        b("BEGIN");
        EXPECT_THAT(a_->connection.run(query), testing::Not(HasSubstr(" ERROR")));
        EXPECT_EQ(b("SELECT name FROM parent WHERE id = 2 FOR UPDATE"), "two");
        EXPECT_EQ(b("COMMIT"), conflict);
    }
    start_over();
    b("BEGIN");
    EXPECT_THAT(a_->connection.run("INSERT INTO child VALUES (7, 2, 0); SELECT 1 / 0"),
                HasSubstr("22012"));
    EXPECT_EQ(b("SELECT name FROM parent WHERE id = 2 FOR UPDATE"), "two");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(admin_->run("SELECT count(*) FROM child"), "1");
}

/// Whose transaction, and what comes first.
TEST_P(DsqlAutocommit, EachActionOfAForeignKeyMeetsItsChildren)
{
    ASSERT_EQ(admin_->run("DROP TABLE child"), "DROP TABLE");
    for (const char* action : {"NO ACTION", "NO ACTION DEFERRABLE INITIALLY DEFERRED", "RESTRICT",
                               "CASCADE", "SET NULL", "SET DEFAULT"}) {
        const std::string name = action;
        const auto rule = name.substr(0, name.find(" DEFERRABLE"));
        const auto deferrable = name.substr(rule.size());
        ASSERT_EQ(
            admin_->run("CREATE TABLE child (id int PRIMARY KEY, parent int DEFAULT 1 REFERENCES "
                        "parent ON DELETE " +
                        rule + " ON UPDATE " + rule + deferrable + ", n int)"),
            "CREATE TABLE");
        learn_the_schema();
        for (const auto& [change, tag, touches] :
             {std::tuple{"DELETE FROM parent WHERE id = 2", "DELETE 1", true},
              {"UPDATE parent SET id = 9 WHERE id = 2", "UPDATE 1", true},
              {"UPDATE parent SET rank = 9 WHERE id = 2", "UPDATE 1", false}}) {
            SCOPED_TRACE(name + "; " + change);
            const char* end = touches ? conflict : "COMMIT";
            // The block changes the parent, before and after.
            for (const bool change_is_first : {true, false}) {
                start_over();
                b("BEGIN");
                if (change_is_first) {
                    EXPECT_EQ(b(change), tag);
                }
                EXPECT_EQ(a("INSERT INTO child VALUES (7, 2, 0)"), "INSERT 0 1");
                if (!change_is_first) {
                    EXPECT_EQ(b(change), tag);
                }
                EXPECT_EQ(b("COMMIT"), end);
                EXPECT_EQ(admin_->run("SELECT parent FROM child WHERE id = 7"), "2");
            }
            // The block has the child.
            for (const bool change_is_first : {true, false}) {
                start_over();
                b("BEGIN");
                EXPECT_EQ(b("SELECT count(*) FROM child"), "1");
                if (change_is_first) {
                    EXPECT_EQ(a(change), tag);
                }
                EXPECT_EQ(b("INSERT INTO child VALUES (7, 2, 0)"), "INSERT 0 1");
                if (!change_is_first) {
                    EXPECT_EQ(a(change), tag);
                }
                EXPECT_EQ(b("COMMIT"), end);
            }
            if (!touches || rule == "NO ACTION" || rule == "RESTRICT")
                continue;
            // It reaches a row that the other one writes.
            for (const bool block_changes : {true, false}) {
                for (const bool change_is_first : {true, false}) {
                    start_over("(7, 2, 0)");
                    b("BEGIN");
                    EXPECT_EQ(b("SELECT count(*) FROM child"), "1");
                    const auto make = [&](bool in_block) {
                        if (in_block == block_changes) {
                            EXPECT_EQ(in_block ? b(change) : a(change), tag);
                        } else {
                            const char* write = "UPDATE child SET n = 5 WHERE id = 7";
                            EXPECT_EQ(in_block ? b(write) : a(write), "UPDATE 1");
                        }
                    };
                    make(change_is_first);
                    make(!change_is_first);
                    EXPECT_EQ(b("COMMIT"), conflict);
                }
            }
        }
        ASSERT_EQ(admin_->run("DROP TABLE child"), "DROP TABLE");
    }
}

/// What is put off until COMMIT is the block's own mistake when it sees it.
TEST_P(DsqlAutocommit, ADeferredForeignKeyMeetsWhatTheBlockDoesNotSee)
{
    ASSERT_EQ(admin_->run("DROP TABLE child"), "DROP TABLE");
    ASSERT_EQ(admin_->run("CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent "
                          "DEFERRABLE INITIALLY DEFERRED, n int)"),
              "CREATE TABLE");
    learn_the_schema();
    start_over();
    b("BEGIN");
    EXPECT_EQ(b("INSERT INTO child VALUES (7, 5, 0)"), "INSERT 0 1");
    EXPECT_THAT(b("COMMIT"), HasSubstr("23503 insert or update on table \"child\" violates"));
    b("BEGIN");
    EXPECT_EQ(b("INSERT INTO child VALUES (7, 5, 0)"), "INSERT 0 1");
    EXPECT_EQ(b("INSERT INTO parent VALUES (5, 'five')"), "INSERT 0 1");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    b("BEGIN");
    EXPECT_EQ(b("DELETE FROM parent WHERE id = 5"), "DELETE 1");
    EXPECT_THAT(b("COMMIT"), HasSubstr("23503 update or delete on table \"parent\" violates"));
    // The other one's row, with copies and without.
    for (const bool has_copies : {false, true}) {
        start_over();
        b("BEGIN");
        if (has_copies) {
            EXPECT_EQ(a("UPDATE child SET n = 9 WHERE id = 1"), "UPDATE 1");
            EXPECT_EQ(b("UPDATE child SET n = 8 WHERE id = 1"), "UPDATE 1");
        }
        EXPECT_EQ(b("INSERT INTO child VALUES (7, 2, 0)"), "INSERT 0 1");
        EXPECT_EQ(a("DELETE FROM parent WHERE id = 2"), "DELETE 1");
        EXPECT_EQ(b("COMMIT"), conflict);
    }
}

/// The answers to a pipeline, up to its end.
std::string answers(PGconn* connection)
{
    std::string text;
    for (;;) {
        PGresult* result = PQgetResult(connection);
        const auto status = PQresultStatus(result);
        if (!result)
            continue;
        text += (text.empty() ? "" : ", ") + Connection::text_of(result);
        if (status == PGRES_PIPELINE_SYNC || status == PGRES_BAD_RESPONSE)
            return text;
    }
}

TEST_P(DsqlAutocommit, APipelineIsOneTransaction)
{
    auto* raw = a_->connection.get();
    ASSERT_EQ(PQenterPipelineMode(raw), 1);
    const auto send = [raw](const char* sql) {
        ASSERT_EQ(PQsendQueryParams(raw, sql, 0, nullptr, nullptr, nullptr, nullptr, 0), 1) << sql;
    };
    start_over();
    b("BEGIN");
    send("INSERT INTO child VALUES (7, 2, 0)");
    send("UPDATE child SET n = 4");
    send("SELECT name FROM parent WHERE id = 1 FOR KEY SHARE");
    ASSERT_EQ(PQpipelineSync(raw), 1);
    send("SELECT 1 / 0");
    send("INSERT INTO child VALUES (8, 2, 0)");
    ASSERT_EQ(PQpipelineSync(raw), 1);
    send("SELECT 2");
    ASSERT_EQ(PQpipelineSync(raw), 1);
    EXPECT_THAT(answers(raw), HasSubstr("INSERT 0 1, UPDATE 2, one"));
    EXPECT_THAT(answers(raw), HasSubstr("22012"));
    EXPECT_THAT(answers(raw), HasSubstr("2"));
    EXPECT_EQ(b("SELECT name FROM parent WHERE id = 2 FOR UPDATE"), "two");
    EXPECT_EQ(b("COMMIT"), conflict);
    b("BEGIN");
    EXPECT_EQ(b("SELECT name FROM parent WHERE id = 2 FOR UPDATE"), "two");
    // What follows an error is left out, whatever it would have locked or counted.
    send("SELECT 1 / 0");
    ASSERT_EQ(PQsendFlushRequest(raw), 1);
    ASSERT_EQ(PQflush(raw), 0);
    EXPECT_THAT(Connection::text_of(PQgetResult(raw)), HasSubstr("22012"));
    send("INSERT INTO child SELECT 9, 2, 0");
    send("SELECT name FROM parent WHERE id = 2 FOR UPDATE");
    ASSERT_EQ(PQpipelineSync(raw), 1);
    answers(raw);
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(admin_->run("SELECT count(*) FROM child WHERE id > 7"), "0");
    PQexitPipelineMode(raw);
}

} // namespace
} // namespace nimbus::local::dsql
