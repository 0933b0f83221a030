#include "local/dsql/message_script.h"

#include <array>

/// A client that sends single messages, and another one that is in its way.
namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;

constexpr const char* conflict = "E 40001 change conflicts with another transaction (OC000)";

class DsqlPortals : public DsqlSession {
protected:
    void SetUp() override
    {
        DsqlSession::SetUp();
        if (IsSkipped())
            return;
        b_.emplace(admin());
        PQsetNoticeProcessor(b_->get(), [](void*, const char*) {}, nullptr);
        b("CREATE TABLE t (id int PRIMARY KEY, v int)");
        a_.emplace(admin());
        start_over();
    }
    void TearDown() override
    {
        if (IsSkipped())
            return;
        a_.reset();
        b_.reset();
        auto connection = admin();
        connection.run("DROP TABLE t");
    }

    void start_over()
    {
        b("ROLLBACK");
        a("Q ROLLBACK");
        b("DELETE FROM t");
        b("INSERT INTO t VALUES (1, 0), (2, 0), (3, 0), (4, 0)");
        a("Q SELECT v FROM t WHERE id = 1"); // it knows of the table from here on
    }
    void b_changes(int id)
    {
        EXPECT_EQ(b("BEGIN"), "BEGIN");
        EXPECT_EQ(b("UPDATE t SET v = v + 1000 WHERE id = " + std::to_string(id)), "UPDATE 1");
    }
    std::string values() { return b("SELECT string_agg(v::text, ' ' ORDER BY id) FROM t"); }
    /// The next rows of the portal.
    std::string rows() { return a("E c 2\nS"); }
    void open(const std::string& query)
    {
        EXPECT_EQ(a("C S c\nC P c\nP c " + query + "\nB c c\nE c 2\nS"),
                  "3 | 3 | 1 | 2 | D 1 | D 2 | s | Z T");
    }
    std::string change(int id)
    {
        return a("P - UPDATE t SET v = v + 1 WHERE id = " + std::to_string(id) +
                 "\nB - -\nE - 0\nS");
    }

    std::string a(const std::string& lines) { return (*a_)(lines); }
    std::string b(const std::string& sql) { return b_->run(sql); }

    static constexpr const char* changed = "1 | 2 | C UPDATE 1 | Z T";

    std::optional<MessageClient> a_;
    std::optional<Connection> b_;
};

TEST_F(DsqlPortals, WhateverComesBeforeItACommitCommits)
{
    for (const std::string between : {"", "H\n", "P x SELECT 1\nH\n", "C S x\n", "C P x\nH\nH\n"})
        for (const std::string commit : {"Q COMMIT", "P - COMMIT\nB - -\nE - 0\nS"})
            for (const std::string b_ends : {"ROLLBACK", "COMMIT"}) {
                SCOPED_TRACE(between + commit + ", " + b_ends);
                start_over();
                a("C S x\nS");
                b_changes(1);
                a("Q BEGIN");
                a_->say("P - UPDATE t SET v = v + 1 WHERE id < 3\nB - -\nE - 0\nS\n" + between);
                EXPECT_EQ(a_->until_ready(), "1 | 2 | C UPDATE 2 | Z T");
                b(b_ends);
                const auto answer = a(commit);
                if (b_ends == "COMMIT") {
                    EXPECT_TRUE(answer.ends_with(std::string(conflict) + " | Z I")) << answer;
                    EXPECT_EQ(values(), "1000 0 0 0");
                } else {
                    EXPECT_TRUE(answer.ends_with("C COMMIT | Z I")) << answer;
                    EXPECT_EQ(values(), "1 1 0 0");
                }
            }
}

TEST_F(DsqlPortals, ABatchThatBeginsTheNextBlockBeginsIt)
{
    // The second block meets somebody, and is one of DSQL's only if its BEGIN was seen as one.
    b_changes(1);
    a_->say("Q BEGIN\nQ SELECT 1\nP - COMMIT\nB - -\nE - 0\nS\nP - BEGIN\nB - -\nE - 0\nS\n"
            "P - UPDATE t SET v = v + 1 WHERE id = 1\nB - -\nE - 0\nS\nQ SELECT v FROM t");
    std::string last;
    for (int i = 0; i < 6; ++i)
        last = a_->until_ready();
    EXPECT_EQ(last, "T | D 0 | D 0 | D 0 | D 1 | C SELECT 4 | Z T");
    b("ROLLBACK");
    EXPECT_EQ(a("Q COMMIT"), "C COMMIT | Z I");
    EXPECT_EQ(values(), "1 0 0 0");
}

TEST_F(DsqlPortals, APortalGoesOnWhereItIs)
{
    for (const bool is_first : {true, false})
        for (const std::string b_ends : {"ROLLBACK", "COMMIT"}) {
            SCOPED_TRACE(b_ends);
            start_over();
            a("Q BEGIN");
            open("SELECT id FROM t ORDER BY id");
            b_changes(3);
            if (!is_first) {
                EXPECT_EQ(change(1), changed);
            }
            EXPECT_EQ(change(3), changed) << "on a copy";
            b(b_ends);
            EXPECT_EQ(rows(), "D 3 | D 4 | s | Z T");
            EXPECT_EQ(change(4), changed);
            EXPECT_EQ(rows(), "C SELECT 0 | Z T");
            EXPECT_EQ(a("Q COMMIT"),
                      b_ends == "COMMIT" ? std::string(conflict) + " | Z I" : "C COMMIT | Z I");
            EXPECT_EQ(values(), b_ends == "COMMIT" ? "0 0 1000 0"
                                : is_first         ? "0 0 1 1"
                                                   : "1 0 1 1");
        }
}

TEST_F(DsqlPortals, APortalOnCopiesIsReadInParts)
{
    b_changes(3);
    a("Q BEGIN");
    EXPECT_EQ(change(3), changed);
    b("ROLLBACK");
    open("SELECT id FROM t ORDER BY id");
    EXPECT_EQ(change(1), changed);
    EXPECT_EQ(rows(), "D 3 | D 4 | s | Z T");
    EXPECT_EQ(rows(), "C SELECT 0 | Z T");
    EXPECT_EQ(a("C P c\nP - UPDATE t SET v = v + 10 WHERE id < 4 RETURNING 'row'\nB c -\nE c 2\nS"),
              "3 | 1 | 2 | D row | D row | s | Z T");
    EXPECT_EQ(rows(), "D row | C UPDATE 1 | Z T");
    EXPECT_EQ(a("Q COMMIT"), "C COMMIT | Z I");
    EXPECT_EQ(values(), "11 10 11 0");
}

TEST_F(DsqlPortals, OutsideOfABlockAConflictComesWithTheEndOfTheBatch)
{
    // What begins a transaction has its snapshot.
    const auto meet = [this](const std::string& rest) {
        start_over();
        a("C S n\nS");
        a_->say("P - SELECT 0\nB - -\nE - 0\nH");
        EXPECT_EQ(join(a_->next(4), " | "), "1 | 2 | D 0 | C SELECT 1");
        EXPECT_EQ(b("UPDATE t SET v = 7 WHERE id = 1"), "UPDATE 1");
        return a("P - UPDATE t SET v = v + 1 WHERE id = 1 RETURNING v\nB - -\nE - 0\n" + rest);
    };
    const auto end = std::string(conflict) + " | Z I";
    const auto next = "P n UPDATE t SET v = v + 1 WHERE id = 2\nB - n\nE - 0\n";
    EXPECT_EQ(meet("S"), "1 | 2 | " + end);
    for (const std::string last : {"S", "Q SELECT 1", "P - BEGIN\nB - -\nE - 0\nS"}) {
        const auto answer = meet(next + last);
        EXPECT_TRUE(answer.starts_with("1 | 2 | D 8 | C UPDATE 1 | 1 | 2 | C UPDATE 1 | ") &&
                    answer.ends_with(end))
            << answer;
        EXPECT_EQ(values(), "7 0 0 0");
        EXPECT_EQ(a("B - n\nE - 0\nS"), "2 | C UPDATE 1 | Z I") << "what was prepared is";
    }
    EXPECT_EQ(meet(next + std::string("P - SELECT nothing\nB - -\nE - 0\nS")),
              "1 | 2 | D 8 | C UPDATE 1 | 1 | 2 | C UPDATE 1 | "
              "E 42703 column \"nothing\" does not exist | Z I");
}

TEST_F(DsqlPortals, WhatCannotGoOnIsAConflict)
{
    // It locks rows, and finds somebody else's lock half-way.
    a("Q BEGIN");
    open("SELECT id FROM t ORDER BY id FOR UPDATE");
    b_changes(3);
    EXPECT_EQ(rows(), std::string(conflict) + " | Z E");
    EXPECT_EQ(a("Q COMMIT"), "C ROLLBACK | Z I");

    // All that the block did was undone for somebody who was first.
    start_over();
    a("Q BEGIN");
    EXPECT_EQ(change(1), changed);
    open("SELECT id FROM t ORDER BY id");
    EXPECT_EQ(b("UPDATE t SET v = 7 WHERE id = 1"), "UPDATE 1");
    EXPECT_EQ(rows(), std::string(conflict) + " | Z E");
    EXPECT_EQ(a("Q COMMIT"), "C ROLLBACK | Z I");
    EXPECT_EQ(values(), "7 0 0 0");
}

} // namespace
} // namespace nimbus::local::dsql
