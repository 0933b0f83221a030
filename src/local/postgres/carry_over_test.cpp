#include "base/error.h"
#include "base/file.h"
#include "base/test_log.h"
#include "local/postgres/carry_over.h"
#include "local/postgres/data_directory.h"
#include "local/postgres/installation.h"
#include "local/postgres/test_server.h"

#include <gmock/gmock.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace nimbus::local::postgres {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr int older_version = wanted_major_version - 1;

/// A cluster's directory with data that an older PostgreSQL made.
class CarryOverTest : public testing::Test {
protected:
    void SetUp() override
    {
        const auto older = find_installation_of(older_version);
        if (!older || find_installation().major_version != wanted_major_version)
            GTEST_SKIP() << "needs PostgreSQL " << older_version << " and " << wanted_major_version;
        auto options = options_in(directory_);
        options.installation = *older;
        Server server(options);
        server.start(soon());
        query(server, "CREATE ROLE owner");
        query(server, "CREATE SCHEMA own");
        query(server, "CREATE TABLE own.kept_by_prepare (a int)");
        query(server, "CREATE SCHEMA s AUTHORIZATION owner");
        query(server, "SET ROLE owner; CREATE TABLE s.t (a int PRIMARY KEY, b text, "
                      "who text GENERATED ALWAYS AS (b) STORED, CHECK (a > 0)); "
                      "CREATE INDEX i ON s.t (b); "
                      "INSERT INTO s.t SELECT n, repeat('x', n) FROM generate_series(1, 500) n");
    }

    ServerOptions options()
    {
        auto options = options_in(directory_);
        options.carry_over =
            CarryOver{.own_schema = "own",
                      .prepare =
                          [](const auto& old_socket, const auto& new_socket) {
                              EXPECT_TRUE(std::filesystem::exists(old_socket));
                              EXPECT_TRUE(std::filesystem::exists(new_socket));
                              query(new_socket, "CREATE ROLE owner");
                          },
                      .verify =
                          [this](const auto&, const auto& new_socket) {
                              EXPECT_EQ(query(new_socket, "SELECT count(*) FROM s.t"), "500");
                              if (!fault_.empty())
                                  throw Error(fault_);
                          }};
        options.log = log_.log();
        return options;
    }

    std::string version() const { return read_file(directory_ / "data" / "PG_VERSION"); }

    void expect_carried_over(const Server& server) const
    {
        EXPECT_EQ(version(), std::to_string(wanted_major_version) + "\n");
        EXPECT_THAT(query(server, "SHOW server_version"),
                    testing::StartsWith(std::to_string(wanted_major_version)));
        EXPECT_EQ(query(server, "SELECT count(*) || ' ' || sum(length(b)) || ' ' || min(who) "
                                "FROM s.t"),
                  "500 125250 x");
        EXPECT_EQ(query(server, "SELECT to_regclass('own.kept_by_prepare') IS NULL"), "t");
        EXPECT_EQ(query(server, "SELECT pg_get_userbyid(relowner) FROM pg_class "
                                "WHERE relname = 'i'"),
                  "owner");
    }

    TemporaryDirectory home_;
    std::filesystem::path directory_ = home_.path() / "cluster";
    TestLog log_;
    std::string fault_; ///< what verifying finds
};

TEST_F(CarryOverTest, MakesOlderDataTheInstallationsAndKeepsItUntilTheNextStart)
{
    {
        Server server(options());
        server.start(soon());
        expect_carried_over(server);
        EXPECT_TRUE(has_old_data(directory_));
        EXPECT_THAT(log_.lines(), Contains(HasSubstr("The data was carried over")));
        query(server, "INSERT INTO s.t VALUES (501)");
    }
    Server server(options());
    server.start(soon());
    EXPECT_EQ(query(server, "SELECT count(*) FROM s.t"), "501");
    EXPECT_FALSE(has_old_data(directory_));
    EXPECT_FALSE(std::filesystem::exists(carry_over_directory(directory_)));
}

TEST_F(CarryOverTest, BeginsAnewAfterACrashWhileTheNewDataWasMade)
{
    const auto half_made = carry_over_directory(directory_) / "data" / "base";
    make_directories(half_made);
    write_file(carry_over_directory(directory_) / "data" / "PG_VERSION", "16\n");
    Server server(options());
    server.start(soon());
    expect_carried_over(server);
}

TEST_F(CarryOverTest, BeginsAnewAfterACrashWhileTheDataWasSwapped)
{
    const auto workplace = carry_over_directory(directory_);
    make_directories(workplace / "data");
    std::filesystem::rename(directory_ / "data", workplace / "old");
    Server server(options());
    server.start(soon());
    expect_carried_over(server);
    EXPECT_TRUE(has_old_data(directory_));
}

TEST_F(CarryOverTest, BeginsAnewWhenTheCloudIsKilledInTheMiddle)
{
    const auto cloud = fork_until_ready([&](const auto& ready) {
        auto own = options();
        own.carry_over->verify = [&](const auto&, const auto&) { ready(); };
        Server server(own);
        server.start(soon());
    });
    ::kill(cloud, SIGKILL);
    ::waitpid(cloud, nullptr, 0);

    Server server(options());
    server.start(soon());
    expect_carried_over(server);
}

TEST_F(CarryOverTest, ThatFailsLeavesTheDataAndSaysHowToGoOnWithIt)
{
    fault_ = "a row is missing";
    {
        Server server(options());
        try {
            server.start(soon());
            FAIL() << "no exception";
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("could not be carried over to PostgreSQL 16: a row "
                                                "is missing"));
            EXPECT_THAT(error.hint(), HasSubstr("set NIMBUS_POSTGRES_BIN to"));
        }
    }
    EXPECT_EQ(version(), std::to_string(older_version) + "\n");
    auto older = options();
    older.installation = *find_installation_of(older_version);
    Server server(older);
    server.start(soon());
    EXPECT_EQ(query(server, "SELECT count(*) FROM s.t"), "500");
}

TEST_F(CarryOverTest, SaysWhatFailedWithoutTheRowsThatDid)
{
    {
        auto older = options();
        older.installation = *find_installation_of(older_version);
        Server server(older);
        server.start(soon());
        // A function that a constraint calls changes behind the constraint's back.
        query(server, "CREATE FUNCTION s.fine() RETURNS boolean LANGUAGE sql AS 'SELECT true'");
        query(server, "CREATE TABLE s.bad (secret text CHECK (s.fine()))");
        query(server, "INSERT INTO s.bad VALUES ('hidden')");
        query(server, "CREATE OR REPLACE FUNCTION s.fine() RETURNS boolean LANGUAGE sql "
                      "AS 'SELECT false'");
    }
    Server server(options());
    try {
        server.start(soon());
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("violates check constraint"));
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("hidden")));
    }
}

} // namespace
} // namespace nimbus::local::postgres
