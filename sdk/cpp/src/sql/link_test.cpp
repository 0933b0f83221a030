#include "base/error.h"
#include "base/file.h"
#include "core/test_app.h"
#include "crypto/certificate.h"
#include "process/child_process.h"
#include "sql/link.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nimbus/nimbus.hpp>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace nimbus::sql {
namespace {

using namespace std::chrono_literals;
using nimbus::detail::CurrentInvocation;

std::filesystem::path postgres_programs()
{
    std::error_code missing;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", missing))
        if (exists(version.path() / "bin/initdb"))
            return version.path() / "bin";
    return {};
}

/// Free at the time of asking.
std::uint16_t free_port()
{
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(socket.get(), generic, size) != 0 ||
        ::getsockname(socket.get(), generic, &size) != 0)
        throw_system_error(errno, "looking for a free port");
    return ntohs(address.sin_port);
}

/// A PostgreSQL of its own, over TLS alone, that asks for a cleartext password as DSQL does.
class PostgresServer {
public:
    explicit PostgresServer(std::filesystem::path programs) : programs_(std::move(programs))
    {
        const auto data = directory_.path() / "data";
        if (::geteuid() == 0) {
            identity_ = process::unprivileged_identity();
            if (::chown(directory_.path().c_str(), identity_->uid, identity_->gid) != 0)
                throw_system_error(errno, "giving away the directory");
        }
        write("password", password);
        run({"initdb", "-D", data, "-U", "lambda_myapp", "-A", "trust", "--no-sync", "--pwfile",
             directory_.path() / "password"});

        const auto authority =
            crypto::create_certificate_authority("test authority", std::chrono::days{1});
        const auto server = crypto::issue_server_certificate(
            authority, "server",
            {.dns = {"localhost", "a1.dsql.us-east-1.on.aws"}, .ip = {"127.0.0.1"}},
            std::chrono::days{1});
        write("ca.pem", authority.certificate_pem);
        write("data/server.crt", server.certificate_pem);
        write("data/server.key", server.private_key_pem);
        write("data/pg_hba.conf", "hostssl all all 127.0.0.0/8 password\n");
        run({"pg_ctl", "-D", data, "-w", "-l", directory_.path() / "log", "-o",
             "-p " + std::to_string(port_) +
                 " -c ssl=on -c listen_addresses=127.0.0.1,127.0.0.2 -c unix_socket_directories='' "
                 "-c fsync=off -c TimeZone=UTC",
             "start"});
    }

    ~PostgresServer()
    {
        try {
            run({"pg_ctl", "-D", directory_.path() / "data", "-m", "immediate", "-w", "stop"});
        } catch (const Error& failure) {
            ADD_FAILURE() << failure.what();
        }
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    void restart()
    {
        run({"pg_ctl", "-D", directory_.path() / "data", "-m", "fast", "-w", "-l",
             directory_.path() / "log", "restart"});
    }

    detail::LinkSettings settings() const
    {
        return {.info = {.endpoint = "127.0.0.1",
                         .identifier = "id",
                         .schema = "myapp",
                         .db_role = "lambda_myapp",
                         .arn = "arn"},
                .port = port_,
                .ca_file = directory_.path() / "ca.pem",
                .password = [] { return std::string(password); }};
    }

    static constexpr const char* password = "token";

private:
    void write(const char* name, std::string_view content)
    {
        const auto path = directory_.path() / name;
        write_file(path, content, 0600);
        if (identity_ && ::chown(path.c_str(), identity_->uid, identity_->gid) != 0)
            throw_system_error(errno, path.string());
    }

    void run(std::vector<std::string> arguments)
    {
        arguments[0] = programs_ / arguments[0];
        auto child = process::ChildProcess::spawn({.arguments = arguments,
                                                   .working_directory = directory_.path(),
                                                   .standard_output = process::Stream::null,
                                                   .identity = identity_});
        const auto status = child.wait(Deadline::after(std::chrono::seconds{60}));
        if (!status || !status->success())
            throw Error(arguments[0] + ": " + (status ? status->text() : "still runs"));
    }

    std::filesystem::path programs_;
    TemporaryDirectory directory_;
    std::optional<process::Identity> identity_;
    std::uint16_t port_ = free_port();
};

struct User {
    uuid id;
    std::string name;
    std::optional<std::string> email;
    timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(User, (), (id, name, email, created_at))

enum class Status { active, blocked };
BOOST_DESCRIBE_ENUM(Status, active, blocked)

struct Preferences {
    std::string theme;
    std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(Preferences, (), (theme, tags))

struct NewUser {
    std::string name;
    std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(NewUser, (), (name, email))

struct Id {
    uuid id;
};
BOOST_DESCRIBE_STRUCT(Id, (), (id))

class SqlLink : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        if (const auto programs = postgres_programs(); !programs.empty())
            server_ = std::make_unique<PostgresServer>(programs);
    }
    static void TearDownTestSuite() { server_.reset(); }

    void SetUp() override
    {
        if (!server_)
            GTEST_SKIP() << "there is no PostgreSQL below /usr/lib/postgresql";
        db_.execute("DROP SCHEMA IF EXISTS myapp CASCADE");
        db_.execute("CREATE SCHEMA myapp");
        db_.execute("CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "
                    "name varchar(20) NOT NULL CHECK (name <> 'nobody'), email text UNIQUE, "
                    "created_at timestamp DEFAULT CURRENT_TIMESTAMP)");
    }

    static std::shared_ptr<detail::Link> make_link()
    {
        return make_link([](auto&) {});
    }
    static std::shared_ptr<detail::Link> make_link(
        auto change,
        std::shared_ptr<const CurrentInvocation> invocation = std::make_shared<CurrentInvocation>())
    {
        return std::make_shared<detail::Link>(
            "main-db",
            [change] {
                auto settings = server_->settings();
                change(settings);
                return settings;
            },
            std::move(invocation));
    }

    int user_count() const { return db_.query_value<int>("SELECT count(*) FROM users"); }

    static std::unique_ptr<PostgresServer> server_;
    database db_{make_link()};
};

std::unique_ptr<PostgresServer> SqlLink::server_;

TEST_F(SqlLink, RowsComeBackAsStructs)
{
    const auto user = db_.query_one<User>(
        "INSERT INTO users (name, email) VALUES ($1, $2) RETURNING *", "Ada", "ada@example.com");
    EXPECT_EQ(user.name, "Ada");

    db_.execute("INSERT INTO users (name, email) VALUES ($1, $2)", "Bob", std::nullopt);
    const auto users = db_.query<User>("SELECT * FROM users ORDER BY name");
    ASSERT_EQ(users.size(), 2U);
    EXPECT_EQ(users[0].id, user.id);
    EXPECT_EQ(users[0].created_at, user.created_at);
    EXPECT_FALSE(users[1].email);
    EXPECT_EQ(db_.query_value<std::int64_t>("SELECT count(*) FROM users"), 2);
    EXPECT_EQ(db_.query_optional<uuid>("SELECT id FROM users WHERE id = $1", user.id), user.id);
    EXPECT_EQ(
        db_.execute("UPDATE users SET name = $1 WHERE created_at <= $2", "X", user.created_at), 1U);
}

TEST_F(SqlLink, ParametersAreNeverPartOfTheText)
{
    const std::string evil = "'); DROP TABLE users; --";
    EXPECT_EQ(db_.query_value<std::string>("SELECT $1::text", evil), evil);
    EXPECT_THROW(db_.execute("SELECT 1; SELECT 2"), syntax_error);
}

TEST_F(SqlLink, LargeValuesGoBothWays)
{
    const std::string large(3'000'000, 'x');
    EXPECT_EQ(db_.query_value<std::string>("SELECT $1::text", large), large);
}

TEST_F(SqlLink, FailuresHaveTypesAndTheConnectionGoesOn)
{
    const auto insert = [&](const char* name, const char* email) {
        db_.execute("INSERT INTO users (name, email) VALUES ($1, $2)", name, email);
    };
    insert("Ada", "a@b");
    try {
        insert("Eve", "a@b");
        FAIL();
    } catch (const unique_violation& failure) {
        EXPECT_EQ(failure.constraint(), "users_email_key");
        EXPECT_EQ(failure.table(), "users");
        EXPECT_EQ(failure.sqlstate(), "23505");
    }
    EXPECT_THROW(insert("nobody", "c"), check_violation);
    EXPECT_THROW(insert("a name that is far too long", "c"), string_too_long);
    EXPECT_THROW(db_.execute("INSERT INTO users (name) VALUES ($1)", nullptr), not_null_violation);
    EXPECT_THROW(db_.execute("SELECT * FROM nowhere"), undefined_table);
    EXPECT_THROW(db_.execute("SELECT nothing FROM users"), undefined_column);
    EXPECT_THROW(db_.execute("SELECT id FROM users WHERE id = $1", "x"), invalid_text);
    EXPECT_THROW(db_.query_one<User>("SELECT * FROM users WHERE name = 'Z'"), no_rows);
    EXPECT_THROW(db_.query_one<int>("SELECT * FROM generate_series(1, 2)"), too_many_rows);
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, AStatementThatCannotRunIsMisuseAndTheConnectionGoesOn)
{
    const auto backend = db_.query_value<int>("SELECT pg_backend_pid()");
    EXPECT_THROW(db_.query_value<std::int64_t>("SELECT $1::int + $2::int", 1), usage_error);
    EXPECT_THROW(db_.query_value<std::int64_t>("SELECT 1", 1), usage_error);
    EXPECT_THROW(db_.execute("SELECT $1 IS NULL", 1), usage_error);
    EXPECT_THROW(db_.execute("SELECT no_such_function(1)"), usage_error);
    EXPECT_THROW(db_.execute("SELECT id = 5 FROM users"), usage_error);
    EXPECT_THROW(db_.execute("SELEC 1"), syntax_error);
    EXPECT_THROW(db_.execute("SELECT $1::int", "x"), invalid_text);
    EXPECT_EQ(db_.query_value<int>("SELECT pg_backend_pid()"), backend);
}

TEST_F(SqlLink, AServerThatEndsTheSessionSaysWhy)
{
    try {
        db_.execute("SELECT pg_terminate_backend(pg_backend_pid())");
        FAIL();
    } catch (const connection_error& failure) {
        EXPECT_EQ(failure.sqlstate(), "57P01");
    }
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

/// `value` as a parameter of that type, and back from a column of it.
template <class T>
T there_and_back(const database& db, std::string_view type, const T& value)
{
    return db.query_value<T>("SELECT $1::" + std::string(type), value);
}

TEST_F(SqlLink, TimesGoThereAndBackToTheMicrosecond)
{
    using namespace std::chrono;
    const auto moment = sys_days(2024y / 12 / 1) + 12h + 250us;
    EXPECT_EQ(there_and_back(db_, "timestamptz", moment), moment);
    const local_time<microseconds> local{moment.time_since_epoch()};
    EXPECT_EQ(there_and_back(db_, "timestamp", local), local);
    EXPECT_EQ(there_and_back(db_, "date", 2024y / 2 / 29), 2024y / 2 / 29);
    EXPECT_EQ(there_and_back(db_, "date", sys_days(12'024y / 1 / 1)), sys_days(12'024y / 1 / 1));
    EXPECT_EQ(there_and_back(db_, "time", hh_mm_ss(8h + 5us)).to_duration(), 8h + 5us);
    EXPECT_EQ(there_and_back(db_, "interval", -90min - 1us), -90min - 1us);
    const interval mixed{-14, 3, -14'706'500'000us};
    EXPECT_EQ(there_and_back(db_, "interval", mixed), mixed);
    EXPECT_EQ(db_.query_value<hours>("SELECT interval '2 days 3 hours'"), 51h);
}

TEST_F(SqlLink, NumericGoesThereAndBackExactly)
{
    for (const auto* text : {"0.10", "-12345678901234567890.123456789012345678901234567890", "0"})
        EXPECT_EQ(there_and_back(db_, "numeric", decimal(text)).to_string(), text);
}

TEST_F(SqlLink, ArraysGoThereAndBack)
{
    using texts = std::vector<std::optional<std::string>>;
    const texts values{"a", "b,c", "d\"e", "f\\g", "",  "NULL",
                       "{", "}",   " ",    "\n",   "ü", std::nullopt};
    EXPECT_EQ(there_and_back(db_, "text[]", values), values);
    const std::vector<int> none;
    EXPECT_EQ(there_and_back(db_, "int[]", none), none);
    const std::vector<std::vector<int>> nested{{1, 2}, {3, 4}};
    EXPECT_EQ(there_and_back(db_, "int[]", nested), nested);
    const std::vector<std::vector<std::byte>> bytes{{std::byte{0}, std::byte{255}}, {}};
    EXPECT_EQ(there_and_back(db_, "bytea[]", bytes), bytes);
}

TEST_F(SqlLink, ARangeIsWhatAnyAndUnnestTake)
{
    db_.execute("INSERT INTO users (name) SELECT * FROM unnest($1::text[])",
                std::vector<std::string>{"Ada", "Bob", "Eve"});
    const std::array<std::string_view, 2> names{"Ada", "Eve"};
    EXPECT_EQ(db_.query_value<int>("SELECT count(*) FROM users WHERE name = ANY($1)", names), 2);
    EXPECT_EQ(db_.query_value<std::vector<std::string>>(
                  "SELECT array_agg(name ORDER BY name) FROM users WHERE name <> ALL($1)",
                  std::span(names)),
              std::vector<std::string>{"Bob"});
}

TEST_F(SqlLink, EnumerationsAndStructsHaveColumnsOfTextAndJson)
{
    db_.execute("ALTER TABLE users ADD COLUMN status text, ADD COLUMN preferences jsonb");
    const Preferences dark{"dark", {"a", "b"}};
    db_.execute("INSERT INTO users (name, status, preferences) VALUES ('Ada', $1, $2)",
                Status::blocked, dark);
    const auto [status, preferences] =
        db_.query_one<std::tuple<Status, Preferences>>("SELECT status, preferences FROM users");
    EXPECT_EQ(status, Status::blocked);
    EXPECT_EQ(preferences.tags, dark.tags);
    EXPECT_THROW(db_.query_value<Status>("SELECT 'gone'"), mapping_error);
}

TEST_F(SqlLink, RowsAreInsertedInBatches)
{
    std::vector<NewUser> users;
    for (int i = 0; i < 7000; ++i)
        users.push_back({"user " + std::to_string(i), std::nullopt});
    users[0] = {"\\N\t", "a\nb\r\\"};
    EXPECT_EQ(db_.insert("users", users), 7000U);
    EXPECT_EQ(user_count(), 7000);
    EXPECT_EQ(db_.query_value<int>("SELECT count(DISTINCT xmin::text) FROM users"), 3);
    EXPECT_EQ(db_.query_value<std::string>("SELECT email FROM users WHERE name = $1", "\\N\t"),
              "a\nb\r\\");
    EXPECT_EQ(db_.insert("myapp.users", std::vector<NewUser>{}), 0U);
}

TEST_F(SqlLink, InsertedRowsGiveBackWhatTheDatabaseMadeOfThem)
{
    std::vector<NewUser> users;
    for (int i = 0; i < 3001; ++i)
        users.push_back({"user " + std::to_string(i), std::to_string(i)});
    const auto made = db_.insert<User>("users", users);
    ASSERT_EQ(made.size(), 3001U);
    EXPECT_EQ(made[3000].name, "user 3000");
    EXPECT_EQ(db_.query_value<uuid>("SELECT id FROM users WHERE email = '7'"), made[7].id);
}

TEST_F(SqlLink, AFailedBatchKeepsTheOnesBeforeIt)
{
    std::vector<NewUser> users(3001, {"Ada", std::nullopt});
    users.back().name = "nobody";
    try {
        db_.insert("users", users);
        FAIL();
    } catch (const check_violation& failure) {
        EXPECT_EQ(failure.hint(), "the first 3000 rows are inserted");
    }
    EXPECT_EQ(user_count(), 3000);
    EXPECT_THROW(db_.insert<Id>("nowhere", users), undefined_table);
    EXPECT_THROW(db_.insert("nowhere", users), undefined_table);
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, RowsOfATransactionAreInsertedWithIt)
{
    const std::vector<NewUser> users(2, {"Ada", std::nullopt});
    EXPECT_THROW(db_.transaction([&](transaction& tx) {
        EXPECT_EQ(tx.insert("users", users), 2U);
        EXPECT_EQ(tx.insert<Id>("users", users).size(), 2U);
        throw std::runtime_error("changed my mind");
    }),
                 std::runtime_error);
    EXPECT_EQ(user_count(), 0);
}

TEST_F(SqlLink, EachRowIsHandedOverAsItArrives)
{
    std::int64_t sum = 0;
    db_.query_each<std::int64_t>([&](std::int64_t i) { sum += i; },
                                 "SELECT * FROM generate_series(1, $1)", 1000);
    EXPECT_EQ(sum, 500'500);

    // More rows than anybody waits for or has room for.
    int rows = 0;
    db_.query_each<std::tuple<std::int64_t, std::string>>(
        [&](const auto&) { return ++rows < 10; },
        "SELECT generate_series(1, 1000000000), repeat('x', 1000)");
    EXPECT_EQ(rows, 10);
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, WhatARowsFunctionThrowsLeavesQueryEach)
{
    const auto throwing = [](int) { throw std::runtime_error("enough"); };
    const auto* rows = "SELECT * FROM generate_series(1, 1000)";
    EXPECT_THROW(db_.query_each<int>(throwing, rows), std::runtime_error);
    db_.transaction([&](transaction& tx) {
        tx.execute("INSERT INTO users (name) VALUES ('Ada')");
        EXPECT_THROW(tx.query_each<int>(throwing, rows), std::runtime_error);
        tx.execute("INSERT INTO users (name) VALUES ('Bob')");
    });
    EXPECT_EQ(user_count(), 2);
    EXPECT_THROW(db_.query_each<int>([](int) {}, "SELECT 1 / (3 - i) FROM generate_series(1, 5) i"),
                 data_error);
}

TEST_F(SqlLink, ARowsFunctionCannotUseTheDatabase)
{
    EXPECT_THROW(db_.query_each<int>([&](int) { db_.execute("SELECT 1"); }, "SELECT 1"),
                 usage_error);
    EXPECT_THROW(
        db_.query_each<int>([&](int) { db_.transaction([](transaction&) {}); }, "SELECT 1"),
        usage_error);
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, APipelineGivesAllAnswers)
{
    const auto [added, names, count, nothing] =
        db_.pipeline(sql::execute("INSERT INTO users (name) VALUES ($1), ($2)", "Ada", "Bob"),
                     sql::query<std::string>("SELECT name FROM users ORDER BY name"),
                     sql::query_value<int>("SELECT count(*) FROM users"),
                     sql::query_optional<User>("SELECT * FROM users WHERE name = 'Eve'"));
    EXPECT_EQ(added, 2U);
    EXPECT_EQ(names, (std::vector<std::string>{"Ada", "Bob"}));
    EXPECT_EQ(count, 2);
    EXPECT_FALSE(nothing);
    const auto again = db_.pipeline(sql::query_value<int>("SELECT count(*) FROM users"),
                                    sql::query_value<int>("SELECT count(*) FROM users"));
    EXPECT_EQ(again, std::make_tuple(2, 2));
}

TEST_F(SqlLink, AFailedPipelineSaysWhichStatementItWasAndDoesNothing)
{
    const auto insert = [](const char* name) {
        return sql::execute("INSERT INTO users (name) VALUES ($1)", name);
    };
    try {
        db_.pipeline(insert("Ada"), insert("nobody"), insert("Eve"));
        FAIL();
    } catch (const check_violation& failure) {
        EXPECT_EQ(failure.statement(), 2U);
        EXPECT_TRUE(std::string(failure.what()).starts_with("statement 2: ")) << failure.what();
    }
    EXPECT_EQ(user_count(), 0);
    EXPECT_THROW(db_.pipeline(insert("Ada"), sql::execute("SELEC 1")), syntax_error);
    EXPECT_THROW(db_.pipeline(sql::execute("SELECT $1::int"), insert("Ada")), usage_error);
    EXPECT_EQ(user_count(), 0);
}

TEST_F(SqlLink, APipelineWhoseRowsAreNotWhatIsWantedDoesNothing)
{
    const auto insert = sql::execute("INSERT INTO users (name) VALUES ('Ada')");
    const auto refused = [&](const auto&... statements) -> std::pair<std::string, std::size_t> {
        try {
            db_.pipeline(statements...);
        } catch (const no_rows& failure) {
            return {"no_rows", failure.statement()};
        } catch (const too_many_rows& failure) {
            return {"too_many_rows", failure.statement()};
        } catch (const mapping_error& failure) {
            EXPECT_TRUE(std::string(failure.what()).starts_with("statement ")) << failure.what();
            return {"mapping_error", failure.statement()};
        }
        return {"none", 0};
    };
    using refusal = std::pair<std::string, std::size_t>;
    EXPECT_EQ(refused(insert, sql::query_one<User>("SELECT * FROM users WHERE name = 'Eve'")),
              refusal("no_rows", 2));
    EXPECT_EQ(refused(sql::query_value<int>("SELECT generate_series(1, 2)"), insert),
              refusal("too_many_rows", 1));
    EXPECT_EQ(refused(insert, sql::query_value<int>("SELECT email FROM users")),
              refusal("mapping_error", 2));
    EXPECT_EQ(refused(sql::query<int>("INSERT INTO users (name) VALUES ('Ada') RETURNING name")),
              refusal("mapping_error", 1));
    EXPECT_EQ(user_count(), 0);
    EXPECT_EQ(refused(insert, sql::query<int>("SELECT count(*) FROM users")), refusal("none", 0));
    EXPECT_EQ(user_count(), 1);
}

TEST_F(SqlLink, APipelineThatReadsWithAFunctionThatWritesDoesAllOrNothing)
{
    db_.execute("CREATE FUNCTION add_user() RETURNS text LANGUAGE sql VOLATILE AS "
                "$$INSERT INTO users (name) VALUES ('Ada') RETURNING name$$");
    const auto add = [&]<class T>(std::type_identity<T>) {
        return db_.pipeline(sql::query_value<T>("SELECT add_user()"),
                            sql::query_value<int>("SELECT count(*) FROM users"));
    };
    EXPECT_THROW(add(std::type_identity<int>{}), mapping_error);
    EXPECT_EQ(user_count(), 0);
    EXPECT_EQ(add(std::type_identity<std::string>{}), (std::tuple<std::string, int>("Ada", 1)));
    EXPECT_EQ(user_count(), 1);
}

TEST_F(SqlLink, AConflictRunsAPipelineWithRowsAgain)
{
    db_.execute("CREATE SEQUENCE runs");
    const auto [made, count, done] = db_.pipeline(
        sql::query_one<User>("INSERT INTO users (name) VALUES ('Ada') RETURNING *"),
        sql::query_value<int>("SELECT count(*) FROM users"),
        sql::execute("DO $$ BEGIN IF nextval('runs') < 3 THEN RAISE EXCEPTION SQLSTATE "
                     "'40001'; END IF; END $$"));
    EXPECT_EQ(made.name, "Ada");
    EXPECT_EQ(done, 0U);
    EXPECT_EQ(count, 1);
    EXPECT_EQ(user_count(), 1);
}

TEST_F(SqlLink, APipelineMayBeLargerThanWhatFitsBetweenTheTwoSides)
{
    const std::string large(3'000'000, 'x');
    const auto echo = sql::query_value<std::string>("SELECT $1::text", large);
    const auto [a, b, c] = db_.pipeline(echo, echo, echo);
    EXPECT_TRUE(a == large && b == large && c == large);
    EXPECT_THROW(db_.pipeline(echo, sql::execute("SELECT 1 / 0"), echo, sql::execute("SELECT 1")),
                 data_error);
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, APipelineInATransactionIsPartOfIt)
{
    EXPECT_THROW(db_.transaction([&](transaction& tx) {
        tx.pipeline(sql::execute("INSERT INTO users (name) VALUES ('Ada')"),
                    sql::execute("INSERT INTO users (name) VALUES ('Bob')"));
        throw std::runtime_error("changed my mind");
    }),
                 std::runtime_error);
    EXPECT_EQ(user_count(), 0);
}

TEST_F(SqlLink, AConflictRunsAPipelineAgain)
{
    db_.execute("CREATE SEQUENCE runs");
    db_.pipeline(sql::execute("INSERT INTO users (name) VALUES ('Ada')"),
                 sql::execute("DO $$ BEGIN IF nextval('runs') < 3 THEN RAISE EXCEPTION SQLSTATE "
                              "'40001'; END IF; END $$"));
    EXPECT_EQ(user_count(), 1);
}

TEST_F(SqlLink, OneConnectionServesAllStatements)
{
    const auto backend = [&] { return db_.query_value<int>("SELECT pg_backend_pid()"); };
    EXPECT_EQ(backend(), backend());
}

TEST_F(SqlLink, TransactionsCommitOrRollBack)
{
    const auto add = [](transaction& tx, const char* name) {
        tx.execute("INSERT INTO users (name) VALUES ($1)", name);
    };
    const auto answer = db_.transaction([&](transaction& tx) {
        add(tx, "Ada");
        return tx.query_value<int>("SELECT 7");
    });
    EXPECT_EQ(answer, 7);
    EXPECT_THROW(db_.transaction([&](transaction& tx) {
        add(tx, "Bob");
        throw std::runtime_error("changed my mind");
    }),
                 std::runtime_error);
    EXPECT_EQ(db_.query_value<int>("SELECT count(*) FROM users"), 1);
}

TEST_F(SqlLink, AFailureThatIsSwallowedStillCommitsNothing)
{
    EXPECT_THROW(db_.transaction([&](transaction& tx) {
        tx.execute("INSERT INTO users (name) VALUES ('Ada')");
        EXPECT_THROW(tx.execute("SELECT * FROM nowhere"), undefined_table);
    }),
                 error);
    EXPECT_EQ(db_.query_value<int>("SELECT count(*) FROM users"), 0);
}

TEST_F(SqlLink, ATransactionIsNotEndedByAStatement)
{
    for (const auto* end : {"COMMIT", "END", "ROLLBACK", "ROLLBACK AND CHAIN", "-- now\ncommit;",
                            "PREPARE TRANSACTION 'a'", "BEGIN"}) {
        try {
            db_.transaction([&](transaction& tx) {
                tx.execute("INSERT INTO users (name) VALUES ('Ada')");
                tx.execute(end);
            });
            ADD_FAILURE() << end;
        } catch (const usage_error& failure) {
            EXPECT_TRUE(std::string(failure.what()).contains("database::transaction")) << end;
        }
        EXPECT_THROW(db_.pipeline(sql::execute("INSERT INTO users (name) VALUES ('Ada')"),
                                  sql::execute(end)),
                     usage_error);
        EXPECT_THROW(db_.query_each<int>([](int) {}, end), usage_error);
        EXPECT_THROW(db_.execute(end), usage_error);
        EXPECT_EQ(user_count(), 0) << end;
    }
}

TEST_F(SqlLink, OptionsWithoutEffectAreRefused)
{
    const auto refusal = [&](const transaction_options& options) -> std::string {
        try {
            db_.transaction([](transaction&) { ADD_FAILURE() << "it ran"; }, options);
        } catch (const usage_error& failure) {
            return failure.what();
        }
        return "none";
    };
    EXPECT_EQ(refusal({.max_attempts = 0}), "transaction_options::max_attempts is 0, and must be "
                                            "at least 1: the first attempt counts");
    EXPECT_TRUE(refusal({.max_attempts = -1}).contains("max_attempts is -1"));
    EXPECT_TRUE(refusal({.base_delay = -1ms}).contains("base_delay is -1 ms"));
    EXPECT_TRUE(refusal({.max_delay = -1ms}).contains("max_delay is -1 ms"));
}

TEST_F(SqlLink, ConflictsRunTheFunctionAgain)
{
    const auto conflict = [](transaction& tx) {
        tx.execute("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$");
    };
    int runs = 0;
    db_.transaction([&](transaction& tx) {
        tx.execute("INSERT INTO users (name) VALUES ('Ada')");
        EXPECT_EQ(tx.attempt(), ++runs);
        if (runs < 3)
            conflict(tx);
    });
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(db_.query_value<int>("SELECT count(*) FROM users"), 1);

    runs = 0;
    EXPECT_THROW(db_.transaction(
                     [&](transaction& tx) {
                         ++runs;
                         conflict(tx);
                     },
                     {.max_attempts = 2}),
                 serialization_failure);
    EXPECT_EQ(runs, 2);
}

TEST_F(SqlLink, ConflictsOfSingleStatementsAreRetried)
{
    db_.execute("CREATE SEQUENCE runs");
    db_.execute("DO $$ BEGIN IF nextval('runs') < 3 THEN RAISE EXCEPTION SQLSTATE '40001'; "
                "END IF; END $$");
    EXPECT_EQ(db_.query_value<int>("SELECT last_value FROM runs"), 3);
}

TEST_F(SqlLink, OldConnectionsAreReplaced)
{
    const database forgetful{
        make_link([](auto& settings) { settings.max_connection_age = std::chrono::minutes{0}; })};
    const auto backend = [&] { return forgetful.query_value<int>("SELECT pg_backend_pid()"); };
    EXPECT_NE(backend(), backend());
}

TEST_F(SqlLink, MisuseIsSaidSo)
{
    EXPECT_THROW(db_.transaction([&](transaction&) { db_.execute("SELECT 1"); }), usage_error);
    EXPECT_THROW(db_.transaction([&](transaction&) { db_.transaction([](transaction&) {}); }),
                 usage_error);
    EXPECT_THROW(db_.execute("BEGIN"), usage_error);
    EXPECT_THROW(db_.execute("COPY users TO STDOUT"), usage_error);
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, ALostConnectionIsReplaced)
{
    const auto old_backend = db_.query_value<int>("SELECT pg_backend_pid()");
    const database other{make_link()};
    EXPECT_TRUE(other.query_value<bool>("SELECT pg_terminate_backend($1, 5000)", old_backend));

    EXPECT_NE(db_.query_value<int>("SELECT pg_backend_pid()"), old_backend);
}

TEST_F(SqlLink, ARestartedServerIsFoundAgain)
{
    db_.execute("SELECT 1");
    server_->restart();
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, LosingTheConnectionInATransactionIsAnErrorAndNotARetry)
{
    const database other{make_link()};
    int runs = 0;
    EXPECT_THROW(db_.transaction([&](transaction& tx) {
        ++runs;
        other.execute("SELECT pg_terminate_backend($1, 5000)",
                      tx.query_value<int>("SELECT pg_backend_pid()"));
        tx.execute("SELECT 1");
    }),
                 connection_error);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(db_.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, AChangedTableDoesNotBreakPreparedStatements)
{
    db_.execute("INSERT INTO users (name) VALUES ('Ada')");
    EXPECT_EQ(db_.query<json::object>("SELECT * FROM users")[0].size(), 4U);
    db_.execute("ALTER TABLE users ADD COLUMN age int");
    EXPECT_EQ(db_.query<json::object>("SELECT * FROM users")[0].size(), 5U);
}

TEST_F(SqlLink, AChangedTableDoesNotBreakTransactions)
{
    const auto columns = [&] {
        return db_.transaction([](nimbus::sql::transaction& tx) {
            tx.execute("INSERT INTO users (name) VALUES ('Ada')");
            return tx.query<json::object>("SELECT * FROM users")[0].size();
        });
    };
    EXPECT_EQ(columns(), 4U);
    db_.execute("ALTER TABLE users ADD COLUMN age int");
    EXPECT_EQ(columns(), 5U);
    EXPECT_EQ(db_.query_value<int>("SELECT count(*) FROM users"), 2);
}

TEST_F(SqlLink, NothingOutlastsTheInvocation)
{
    const auto invocation = std::make_shared<CurrentInvocation>();
    const database hurried{make_link([](auto&) {}, invocation)};
    hurried.execute("SELECT 1");
    invocation->begin({.request_id = "1", .deadline = system_now() + 400ms});
    const auto* endless = "SELECT pg_sleep(600)";
    EXPECT_THROW(hurried.execute(endless), timeout);
    while (db_.query_value<int>("SELECT count(*) FROM pg_stat_activity "
                                "WHERE query = $1 AND state = 'active'",
                                endless) > 0)
        std::this_thread::yield(); // the server has been asked to give it up

    invocation->begin({.request_id = "2", .deadline = system_now() + 30s});
    EXPECT_EQ(hurried.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, OnlyTheRightCertificateWillDo)
{
    const auto refusal = [](const database& database) -> std::string {
        try {
            database.execute("SELECT 1");
        } catch (const connection_error& failure) {
            return failure.what();
        }
        return "no failure";
    };
    const database stranger{
        make_link([](auto& settings) { settings.info.endpoint = "127.0.0.2"; })};
    EXPECT_NE(refusal(stranger).find("IP address mismatch"), std::string::npos)
        << refusal(stranger);

    const TemporaryDirectory directory;
    const auto authority = directory.path() / "ca.pem";
    write_file(authority,
               crypto::create_certificate_authority("other", std::chrono::days{1}).certificate_pem);
    const database distrustful{make_link([&](auto& settings) { settings.ca_file = authority; })};
    EXPECT_NE(refusal(distrustful).find("is not to be trusted"), std::string::npos)
        << refusal(distrustful);
}

TEST_F(SqlLink, NamesAreResolvedAndVerified)
{
    const database named{make_link([](auto& settings) { settings.info.endpoint = "localhost"; })};
    EXPECT_EQ(named.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, TheLocalCloudsHostsFileKnowsNamesThatDnsDoesNot)
{
    const TemporaryDirectory directory;
    const auto hosts = directory.path() / "hosts";
    write_file(hosts, "127.0.0.1 a1.dsql.us-east-1.on.aws\n");
    const nimbus::detail::Variable file("NIMBUS_HOSTS_FILE", hosts);
    const database named{
        make_link([](auto& settings) { settings.info.endpoint = "a1.dsql.us-east-1.on.aws"; })};
    EXPECT_EQ(named.query_value<int>("SELECT 1"), 1);
}

TEST_F(SqlLink, ARefusedPasswordIsAccessDenied)
{
    const database wrong{
        make_link([](auto& settings) { settings.password = [] { return std::string("no"); }; })};
    try {
        wrong.execute("SELECT 1");
        FAIL();
    } catch (const access_denied& failure) {
        EXPECT_EQ(failure.sqlstate(), "28P01");
        EXPECT_EQ(std::string(failure.what()).find("\"no\""), std::string::npos);
    }
}

TEST_F(SqlLink, NoServerIsAConnectionError)
{
    const database nowhere{make_link([](auto& settings) { settings.port = free_port(); })};
    EXPECT_THROW(nowhere.execute("SELECT 1"), connection_error);
    const database nameless{
        make_link([](auto& settings) { settings.info.endpoint = "no-such-host.invalid"; })};
    EXPECT_THROW(nameless.execute("SELECT 1"), connection_error);
}

} // namespace
} // namespace nimbus::sql
