#include "local/dsql/session_fixture.h"

#include <gmock/gmock.h>

#include <random>

/// COPY FROM STDIN, beside others and beyond the limits.
namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;

constexpr const char* conflict = "40001 change conflicts with another transaction (OC000)";

/// In both protocols.
class DsqlCopy : public DsqlSession, public testing::WithParamInterface<bool> {
protected:
    void SetUp() override
    {
        DsqlSession::SetUp();
        if (IsSkipped())
            return;
        a_.emplace(admin());
        b_.emplace(admin());
        a("CREATE TABLE filled (id int PRIMARY KEY, t text)");
        a("INSERT INTO filled VALUES (1, 'one')");
    }
    void TearDown() override
    {
        if (IsSkipped())
            return;
        a_.reset();
        b_.reset();
        admin().run("DROP TABLE filled");
    }

    std::string a(const std::string& sql) { return a_->run(sql); }
    std::string b(const std::string& sql) { return b_->run(sql); }

    static std::string begin_copy(Connection& connection)
    {
        constexpr const char* statement = "COPY filled FROM STDIN";
        return GetParam() ? connection.run_extended(statement) : connection.run(statement);
    }
    /// What comes of it.
    static std::string copy(Connection& connection, std::string_view data)
    {
        constexpr std::size_t part = 64 * 1024;
        auto answer = begin_copy(connection);
        if (answer != "PGRES_COPY_IN")
            return answer;
        for (; !data.empty(); data.remove_prefix(std::min(part, data.size())))
            PQputCopyData(connection.get(), data.data(),
                          static_cast<int>(std::min(part, data.size())));
        PQputCopyEnd(connection.get(), nullptr);
        answer = Connection::text_of(PQgetResult(connection.get()));
        PQclear(PQgetResult(connection.get()));
        return answer;
    }
    std::string copy(const std::string& data) { return copy(*a_, data); }
    std::string rows()
    {
        return admin().run("SELECT string_agg(id || t, ' ' ORDER BY id) FROM filled");
    }

    std::optional<Connection> a_;
    std::optional<Connection> b_;
};

INSTANTIATE_TEST_SUITE_P(InBothProtocols, DsqlCopy, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Extended" : "Simple"; });

TEST_P(DsqlCopy, TheSessionGoesOnBehindACopy)
{
    for (const bool in_block : {false, true}) {
        if (in_block)
            a("BEGIN");
        EXPECT_EQ(copy("2\ttwo\n"), "COPY 1");
        EXPECT_EQ(a("SELECT count(*) FROM filled"), "2");
        EXPECT_EQ(copy("x\ttwo\n"), "22P02 invalid input syntax for type integer: \"x\"");
        if (in_block)
            a("ROLLBACK");
        EXPECT_EQ(a("DELETE FROM filled WHERE id = 2"), in_block ? "DELETE 0" : "DELETE 1");
    }
    EXPECT_EQ(a("BEGIN"), "BEGIN");
    EXPECT_EQ(a_->run_extended("UPDATE filled SET t = 'a'"), "UPDATE 1");
    EXPECT_EQ(a_->run_extended("UPDATE filled SET t = 'b'"), "UPDATE 1");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    a("ALTER TABLE filled RENAME TO moved");
    EXPECT_EQ(copy("3\tthree\n"), "42P01 relation \"filled\" does not exist");
    EXPECT_EQ(a("ALTER TABLE moved RENAME TO filled"), "ALTER TABLE");
}

TEST_P(DsqlCopy, ABlockThatMetSomebodyCopiesRows)
{
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(b("UPDATE filled SET t = 'eins'"), "UPDATE 1");
    EXPECT_EQ(a("UPDATE filled SET t = 'uno'"), "UPDATE 1");
    EXPECT_EQ(copy("2\ttwo\n3\tthree\n"), "COPY 2");
    EXPECT_EQ(a("SELECT count(*) FROM filled"), "3");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(b("COMMIT"), conflict);
    EXPECT_EQ(rows(), "1uno 2two 3three");
}

TEST_P(DsqlCopy, ARowThatSomebodyElseWritesIsAConflictAtCommit)
{
    // which is rolled back
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(b("INSERT INTO filled VALUES (2, 'zwei')"), "INSERT 0 1");
    EXPECT_EQ(copy("2\ttwo\n3\tthree\n"), "COPY 2");
    EXPECT_EQ(a("SELECT t FROM filled WHERE id = 2"), "two");
    EXPECT_EQ(b("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    EXPECT_EQ(rows(), "1one 2two 3three");
    // committed before
    a("BEGIN");
    EXPECT_EQ(b("INSERT INTO filled VALUES (4, 'vier')"), "INSERT 0 1");
    EXPECT_EQ(copy("4\tfour\n5\tfive\n"), "COPY 2");
    EXPECT_EQ(a("INSERT INTO filled VALUES (6, 'six')"), "INSERT 0 1");
    EXPECT_EQ(a("SELECT count(*) FROM filled"), "6");
    EXPECT_EQ(a("COMMIT"), conflict);
    // or is committed later
    a("BEGIN");
    b("BEGIN");
    EXPECT_EQ(copy("7\tseven\n"), "COPY 1");
    EXPECT_EQ(copy(*b_, "7\tsieben\n"), "COPY 1");
    EXPECT_EQ(b("COMMIT"), "COMMIT");
    EXPECT_EQ(a("COMMIT"), conflict);
    EXPECT_EQ(rows(), "1one 2two 3three 4vier 7sieben");
}

TEST_P(DsqlCopy, WhatIsWrongWithARowIsSaidAtOnce)
{
    for (const bool met : {false, true}) {
        a("BEGIN");
        EXPECT_EQ(b("INSERT INTO filled VALUES (9, 'neun') ON CONFLICT DO NOTHING"),
                  met ? "INSERT 0 0" : "INSERT 0 1");
        if (met) {
            b("UPDATE filled SET t = t || '!' WHERE id = 9");
            EXPECT_EQ(a("UPDATE filled SET t = 'nine' WHERE id = 9"), "UPDATE 1");
        }
        EXPECT_EQ(copy("2\ttwo\n1\tuno\n"),
                  "23505 duplicate key value violates unique constraint \"filled_pkey\"");
        EXPECT_EQ(a("SELECT 1"), "25P02 current transaction is aborted, commands ignored until end "
                                 "of transaction block");
        EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
        EXPECT_EQ(copy("x\ttwo\n"), "22P02 invalid input syntax for type integer: \"x\"");
    }
    EXPECT_EQ(rows(), "1one 9neun!");
}

TEST_P(DsqlCopy, ACopyThatMetSomebodyHasTheRowLimit)
{
    a("BEGIN");
    EXPECT_EQ(b("INSERT INTO filled VALUES (2, 'zwei')"), "INSERT 0 1");
    std::string many;
    for (int id = 2; id < 3002; ++id)
        many += std::to_string(id) + "\tn\n";
    EXPECT_EQ(copy(many), "COPY 3000");
    EXPECT_EQ(copy("0\tn\n"), "54000 transaction row limit exceeded");
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    a("BEGIN");
    EXPECT_EQ(copy(many + "4000\tn\n"), "54000 transaction row limit exceeded");
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(copy("3\tthree\n"), "COPY 1") << "the session goes on";
}

TEST_P(DsqlCopy, WhoGivesUpHasCopiedNothing)
{
    for (const bool meets : {false, true}) {
        a("BEGIN");
        if (meets)
            b("INSERT INTO filled VALUES (2, 'zwei')");
        ASSERT_EQ(begin_copy(*a_), "PGRES_COPY_IN");
        PQputCopyData(a_->get(), "2\ttwo\n", 6);
        PQputCopyEnd(a_->get(), "never mind");
        EXPECT_EQ(Connection::text_of(PQgetResult(a_->get())),
                  "57014 COPY from stdin failed: never mind");
        PQclear(PQgetResult(a_->get()));
        EXPECT_EQ(a("COMMIT"), "ROLLBACK");
    }
    EXPECT_EQ(rows(), "1one 2zwei");
}

/// Rows are counted, and what is stored; what is sent may be as long as it likes.
TEST_P(DsqlCopy, LongDataIsNotKept)
{
    std::string data;
    for (int id = 2; id < 14; ++id)
        data += std::to_string(id) + '\t' + std::string(1024 * 1024, 'x') + '\n';
    a("BEGIN");
    EXPECT_EQ(copy(data), "COPY 12") << "which is little when it is compressed";
    EXPECT_EQ(a("COMMIT"), "COMMIT");
    // PostgreSQL's compression does not look that far back.
    std::mt19937 random;
    std::string block;
    while (block.size() < 64 * 1024)
        block += static_cast<char>('a' + random() % 26);
    data = "20\t";
    while (data.size() < 66 * 1024 * 1024)
        data += block;
    a("BEGIN");
    EXPECT_EQ(copy(data), "54000 datatype limit greater than 1048576 bytes not supported for text");
    EXPECT_EQ(a("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(a("SELECT count(*) FROM filled"), "13");
}

} // namespace
} // namespace nimbus::local::dsql
