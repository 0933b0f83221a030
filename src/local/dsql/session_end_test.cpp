#include "local/dsql/database_connection.h"
#include "local/dsql/session_fixture.h"

#include <gmock/gmock.h>

#include <atomic>
#include <poll.h>
#include <stdexcept>

namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;
using testing::HasSubstr;

TEST_F(DsqlSession, AStoppedClusterSaysSo)
{
    auto connection = admin();
    listener_->stop();
    connection.run("SELECT pg_sleep(30)");
    EXPECT_THAT(connection.error(),
                HasSubstr("FATAL:  terminating connection due to administrator command"));
}

TEST_F(DsqlSession, ConnectionsEndAfterTheirTime)
{
    listen([](SessionContext& context) { context.max_duration = std::chrono::minutes{0}; });
    const auto connection = connect("admin", shared_->owner);
    pollfd entry{PQsocket(connection.get()), POLLIN, 0};
    EXPECT_EQ(::poll(&entry, 1, 10'000), 1);
    EXPECT_EQ(PQconsumeInput(connection.get()), 0);
}

TEST_F(DsqlSession, ALostDatabaseIsReported)
{
    auto connection = admin();
    auto other = admin();
    const auto pid = connection.run("SELECT pg_backend_pid()");
    EXPECT_EQ(other.run("SELECT pg_terminate_backend(" + pid + ")"), "t");
    connection.run("SELECT 1");
    EXPECT_THAT(connection.error(),
                HasSubstr("FATAL:  terminating connection due to administrator command"));
}

TEST_F(DsqlSession, ADatabaseThatIsLostAtCommitIsReported)
{
    auto other = admin();
    other.run("CREATE TABLE held (id int PRIMARY KEY, n int)");
    other.run("INSERT INTO held VALUES (1, 0)");
    const auto deadline = Deadline::after(std::chrono::minutes{1});
    // Who is no client does not make way, so COMMIT waits.
    auto holder = DatabaseConnection::open(
        shared_->postgres.socket(), {{"user", "nimbus"}, {"database", "postgres"}}, -1, deadline);
    ASSERT_TRUE(holder && holder->run("BEGIN; UPDATE public.held SET n = 1", deadline));
    auto connection = admin();
    const auto pid = connection.run("SELECT pg_backend_pid()");
    connection.run("BEGIN");
    EXPECT_EQ(connection.run("UPDATE held SET n = 2"), "UPDATE 1");
    PQsendQuery(connection.get(), "COMMIT");
    PQflush(connection.get());
    while (other.run("SELECT wait_event_type FROM pg_stat_activity WHERE pid = " + pid) != "Lock")
        std::this_thread::yield();
    EXPECT_TRUE(holder->run("SELECT pg_terminate_backend(" + pid + "); ROLLBACK", deadline));
    EXPECT_EQ(connection.answer(), "XX000 server unavailable");
    EXPECT_EQ(other.run("SELECT n FROM held"), "0");
    other.run("DROP TABLE held");
}

TEST_F(DsqlSession, AFailureOfTheSessionItselfIsReported)
{
    std::atomic<bool> fails = false;
    listen([&](SessionContext& context) {
        context.clock = [&fails] {
            return fails ? throw std::runtime_error("there is no time") : system_now();
        };
    });
    auto connection = admin();
    connection.run("BEGIN");
    fails = true;
    EXPECT_EQ(connection.run("COMMIT"), "XX000 server unavailable");
    EXPECT_THAT(log(), HasSubstr("there is no time"));
}

TEST_F(DsqlSession, AClientThatLeavesTakesItsStatementWithIt)
{
    auto other = admin();
    {
        auto connection = admin();
        PQsendQuery(connection.get(), "SELECT pg_sleep(60)");
        PQflush(connection.get());
        while (other.run("SELECT count(*) FROM pg_stat_activity WHERE usename = 'admin' AND query "
                         "= 'SELECT pg_sleep(60)'") != "1")
            std::this_thread::yield();
    }
    while (other.run("SELECT count(*) FROM pg_stat_activity WHERE usename = 'admin' AND query = "
                     "'SELECT pg_sleep(60)'") != "0")
        std::this_thread::yield();
}

TEST_F(DsqlSession, StatementsCanBeCancelled)
{
    auto connection = admin();
    PQsendQuery(connection.get(), "SELECT pg_sleep(60)");
    PQflush(connection.get());
    auto other = admin();
    while (other.run("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' "
                     "AND wait_event = 'PgSleep'") != "1")
        std::this_thread::yield();
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(connection.get()),
                                                                    PQfreeCancel);
    char error[256];
    EXPECT_EQ(PQcancel(cancel.get(), error, sizeof error), 1) << error;
    EXPECT_EQ(Connection::text_of(PQgetResult(connection.get())),
              "57014 canceling statement due to user request");
}

TEST_F(DsqlSession, MessagesHaveALimit)
{
    auto connection = admin();
    EXPECT_EQ(connection.run_extended("SELECT length($1)", {std::string(9'000'000, 'x')}),
              "9000000");
    EXPECT_EQ(connection.run("SELECT length(repeat('x', 20000000))"), "20000000");
    EXPECT_EQ(connection.run("SELECT repeat('x', 20000000)").size(), 20'000'000U);
    connection.run_extended("SELECT length($1)", {std::string(11'000'000, 'x')});
    EXPECT_THAT(connection.error(), HasSubstr("FATAL:  invalid message length"));
}

TEST_F(DsqlSession, ManyClientsAreServedAtOnce)
{
    admin().run("CREATE TABLE many (x int)");
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            auto connection = admin();
            for (int k = 0; k < 50; ++k) {
                EXPECT_EQ(connection.run_extended("INSERT INTO many VALUES ($1)", {"1"}),
                          "INSERT 0 1");
                EXPECT_EQ(connection.run_extended("SELECT 1"), "1");
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(admin().run("SELECT count(*) FROM many"), "400");
    admin().run("DROP TABLE many");
}

} // namespace
} // namespace nimbus::local::dsql
