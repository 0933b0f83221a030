#include "local/dsql/session_fixture.h"

#include <gmock/gmock.h>

/// Faults on demand in a session: see local/faults.
namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;
using testing::HasSubstr;
using testing::Not;

constexpr const char* conflict_answer = "40001 change conflicts with another transaction (OC000)";

class DsqlFaults : public DsqlSession {
protected:
    void SetUp() override
    {
        DsqlSession::SetUp();
        if (!shared_)
            return;
        listen([this](SessionContext& context) { context.faults = faults_; });
        auto connection = admin();
        connection.run("DROP TABLE IF EXISTS entries");
        EXPECT_EQ(connection.run("CREATE TABLE entries (id int PRIMARY KEY, text text)"),
                  "CREATE TABLE");
    }

    void inject(Fault fault, const char* rate = "100%")
    {
        FaultSettings settings{.delay = std::chrono::milliseconds{50}, .seed = 1};
        settings.rate(fault) = *Rate::parse(rate);
        faults_->set(settings);
    }
    void end_faults() { faults_->set({}); }
    FaultCount count(Fault fault) const
    {
        return faults_->report().counts[static_cast<std::size_t>(fault)];
    }
    std::string rows(Connection& connection)
    {
        end_faults();
        return connection.run("SELECT id FROM entries ORDER BY id");
    }

    std::shared_ptr<FaultInjector> faults_ = std::make_shared<FaultInjector>();
};

TEST_F(DsqlFaults, ACommitFailsAndNothingOfTheBlockIsStored)
{
    auto connection = admin();
    inject(Fault::conflict);
    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("INSERT INTO entries VALUES (1, 'a')"), "INSERT 0 1");
    EXPECT_EQ(connection.run("COMMIT"), conflict_answer);
    EXPECT_EQ(PQtransactionStatus(connection.get()), PQTRANS_IDLE);
    EXPECT_EQ(rows(connection), "");
    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("INSERT INTO entries VALUES (1, 'a')"), "INSERT 0 1");
    EXPECT_EQ(connection.run("COMMIT"), "COMMIT");
    EXPECT_EQ(rows(connection), "1");
}

TEST_F(DsqlFaults, ACommitOfTheExtendedProtocolFailsInTheSameWay)
{
    auto connection = admin();
    inject(Fault::conflict);
    EXPECT_EQ(connection.run_extended("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run_extended("INSERT INTO entries VALUES ($1, 'a')", {"1"}), "INSERT 0 1");
    EXPECT_EQ(connection.run_extended("COMMIT"), conflict_answer);
    EXPECT_EQ(PQtransactionStatus(connection.get()), PQTRANS_IDLE);
    EXPECT_EQ(rows(connection), "");
}

TEST_F(DsqlFaults, ABlockInOneQueryFailsAtItsEnd)
{
    auto connection = admin();
    inject(Fault::conflict);
    EXPECT_EQ(connection.run("BEGIN; INSERT INTO entries VALUES (1, 'a'); COMMIT"),
              conflict_answer);
    EXPECT_EQ(PQtransactionStatus(connection.get()), PQTRANS_IDLE);
    EXPECT_EQ(rows(connection), "");
}

TEST_F(DsqlFaults, StatementsOutsideOfABlockConflict)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("INSERT INTO entries VALUES (1, 'a')"), "INSERT 0 1");
    inject(Fault::conflict);
    EXPECT_EQ(connection.run("INSERT INTO entries VALUES (2, 'b')"), conflict_answer);
    EXPECT_EQ(connection.run("UPDATE entries SET text = 'c'"), conflict_answer);
    EXPECT_EQ(connection.run_extended("DELETE FROM entries WHERE id = $1", {"1"}), conflict_answer);
    EXPECT_EQ(connection.run("INSERT INTO entries VALUES (3, 'd'); INSERT INTO entries VALUES (4, "
                             "'e')"),
              conflict_answer);
    EXPECT_EQ(count(Fault::conflict).events, 4U) << "a query is one transaction";
    EXPECT_EQ(rows(connection), "1");
}

TEST_F(DsqlFaults, WhatOnlyReadsDoesNotConflict)
{
    auto connection = admin();
    inject(Fault::conflict);
    EXPECT_EQ(connection.run("SELECT 1"), "1");
    EXPECT_EQ(connection.run("BEGIN; SELECT count(*) FROM entries; COMMIT"), "COMMIT");
    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run_extended("SELECT 1"), "1");
    EXPECT_EQ(connection.run_extended("COMMIT"), "COMMIT");
    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("INSERT INTO entries VALUES (1, 'a')"), "INSERT 0 1");
    EXPECT_EQ(connection.run("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(count(Fault::conflict).events, 0U);
}

TEST_F(DsqlFaults, ABlockThatHasFailedIsRolledBackAsEver)
{
    auto connection = admin();
    inject(Fault::conflict);
    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("INSERT INTO entries VALUES (1, 'a')"), "INSERT 0 1");
    EXPECT_THAT(connection.run("SELECT 1/0"), HasSubstr("22012"));
    EXPECT_EQ(connection.run("COMMIT"), "ROLLBACK");
    EXPECT_EQ(count(Fault::conflict).events, 0U);
}

TEST_F(DsqlFaults, TheSameSeedGivesTheSameConflicts)
{
    auto connection = admin();
    const auto answers = [&] {
        connection.run("DELETE FROM entries");
        inject(Fault::conflict, "40%");
        std::string text;
        for (int id = 0; id < 20; ++id)
            text +=
                connection.run("INSERT INTO entries VALUES (" + std::to_string(id) + ", 'a')")[0];
        end_faults();
        return text;
    };
    const auto first = answers();
    EXPECT_THAT(first, HasSubstr("4"));
    EXPECT_THAT(first, HasSubstr("I"));
    EXPECT_EQ(answers(), first);
}

TEST_F(DsqlFaults, AConnectionEndsWithoutAWordAndItsBlockWithIt)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("INSERT INTO entries VALUES (1, 'a')"), "INSERT 0 1");
    inject(Fault::disconnect);
    connection.run("COMMIT");
    EXPECT_EQ(PQstatus(connection.get()), CONNECTION_BAD);
    EXPECT_THAT(connection.error(), Not(HasSubstr("FATAL")));
    EXPECT_EQ(count(Fault::disconnect).injected, 1U);
    end_faults();
    auto next = admin();
    EXPECT_EQ(rows(next), "");
    EXPECT_THAT(log(), HasSubstr("fault=disconnects"));
}

TEST_F(DsqlFaults, AConnectionEndsBetweenTransactions)
{
    auto connection = admin();
    inject(Fault::disconnect);
    connection.run_extended("INSERT INTO entries VALUES (1, 'a')");
    EXPECT_EQ(PQstatus(connection.get()), CONNECTION_BAD);
    end_faults();
    auto next = admin();
    EXPECT_EQ(rows(next), "");
}

TEST_F(DsqlFaults, ALoginIsRefusedAsWithAnExpiredToken)
{
    const auto expired = token_for(shared_->owner, "DbConnectAdmin", std::chrono::seconds{1},
                                   "127.0.0.1", system_now() - std::chrono::minutes{1});
    const auto without_times = [](std::string text) {
        for (auto& c : text)
            c = std::isdigit(static_cast<unsigned char>(c)) != 0 ? '0' : c;
        return text.substr(text.find("FATAL"), text.find("Connection id") - text.find("FATAL"));
    };
    const auto own = refusal(expired);
    inject(Fault::expired_token);
    const auto injected = refusal(token_for(shared_->owner, "DbConnectAdmin"));
    EXPECT_EQ(without_times(injected), without_times(own));
    EXPECT_THAT(injected, HasSubstr("HINT:  Signature expired: "));
    end_faults();
    admin();
}

TEST_F(DsqlFaults, ASlowStatementIsExecutedLater)
{
    auto connection = admin();
    inject(Fault::slow_statement);
    for (const bool is_simple : {true, false}) {
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(is_simple ? connection.run("SELECT 1") : connection.run_extended("SELECT 1"),
                  "1");
        EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{50});
    }
    EXPECT_EQ(count(Fault::slow_statement).injected, 2U);
}

TEST_F(DsqlFaults, ASlowStatementEndsWithItsCluster)
{
    auto connection = admin();
    FaultSettings settings{.delay = FaultSettings::longest_delay};
    settings.rate(Fault::slow_statement) = *Rate::parse("100%");
    faults_->set(settings);
    PQsendQuery(connection.get(), "SELECT 1");
    PQflush(connection.get());
    while (count(Fault::slow_statement).injected == 0)
        std::this_thread::yield();
    listener_->stop();
    EXPECT_EQ(Connection::text_of(PQgetResult(connection.get())),
              "57P01 terminating connection due to administrator command");
}

} // namespace
} // namespace nimbus::local::dsql
