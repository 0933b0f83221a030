#include "base/text.h"
#include "local/dsql/session.h"
#include "local/dsql/test_cluster.h"
#include "pgwire/frontend.h"

#include <gmock/gmock.h>

#include <poll.h>

namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

/// What all cases share: initdb takes a second.
struct Shared {
    explicit Shared(const std::filesystem::path& programs) : postgres(programs)
    {
        bootstrap_cluster(postgres.socket(), "nimbus");
        bootstrap_cluster(postgres.socket(), "nimbus"); // what is done is not done again
    }

    TemporaryDirectory directory;
    Postgres postgres;
    FakeAccess access;
    crypto::CertificateAndKey authority =
        crypto::create_certificate_authority("test", std::chrono::days{1});
    std::filesystem::path ca_file = directory.path() / "ca.pem";
    AccessKey owner = access.make_role("owner", {"dsql:DbConnectAdmin", "dsql:DbConnect"});
};

class DsqlSession : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        if (const auto programs = postgres_programs(); !programs.empty())
            shared_ = std::make_unique<Shared>(programs);
    }
    static void TearDownTestSuite() { shared_.reset(); }

    void SetUp() override
    {
        if (!shared_)
            GTEST_SKIP() << "there is no PostgreSQL below /usr/lib/postgresql";
        listen({});
    }

    void listen(const std::function<void(SessionContext&)>& change)
    {
        auto context = context_for(shared_->postgres, shared_->access);
        context.log = [this](const std::string& line) {
            const std::lock_guard lock(log_mutex_);
            log_ += line + '\n';
        };
        if (change)
            change(context);
        listener_.reset();
        listener_ =
            std::make_unique<Listener>(std::move(context), shared_->authority, shared_->ca_file);
    }

    std::string conninfo(const std::string& user, const std::string& token,
                         const std::string& more = {}) const
    {
        return "host=127.0.0.1 port=" + std::to_string(listener_->port()) +
               " dbname=postgres user=" + user + " password='" + token +
               "' sslmode=verify-full sslrootcert=" + shared_->ca_file.string() +
               " connect_timeout=20 " + more;
    }
    Connection connect(const std::string& user, const AccessKey& key,
                       const std::string& more = {}) const
    {
        return Connection(
            conninfo(user, token_for(key, user == "admin" ? "DbConnectAdmin" : "DbConnect"), more));
    }
    Connection admin() const
    {
        auto connection = connect("admin", shared_->owner);
        EXPECT_TRUE(connection.ok()) << connection.error();
        return connection;
    }
    /// What a client with that token is told.
    std::string refusal(const std::string& token, const std::string& user = "admin",
                        const std::string& more = {}) const
    {
        const Connection connection(conninfo(user, token, more));
        EXPECT_FALSE(connection.ok());
        return connection.error();
    }

    /// A role of an application: with a schema, an IAM role that is mapped, and its key.
    AccessKey application(const std::string& name)
    {
        auto connection = admin();
        const auto role = "lambda_" + name;
        const auto key = shared_->access.make_role(role, {"dsql:DbConnect"});
        EXPECT_EQ(connection.run("CREATE ROLE " + role + " WITH LOGIN"), "CREATE ROLE");
        EXPECT_EQ(connection.run("AWS IAM GRANT " + role + " TO '" + FakeAccess::arn(role) + "'"),
                  "AWS IAM GRANT");
        EXPECT_EQ(connection.run("CREATE SCHEMA " + name), "CREATE SCHEMA");
        EXPECT_EQ(connection.run("GRANT USAGE, CREATE ON SCHEMA " + name + " TO " + role), "GRANT");
        return key;
    }
    void forget(const std::string& name)
    {
        auto connection = admin();
        const auto role = "lambda_" + name;
        EXPECT_EQ(connection.run("DROP SCHEMA " + name + " CASCADE"), "DROP SCHEMA");
        EXPECT_EQ(
            connection.run("AWS IAM REVOKE " + role + " FROM '" + FakeAccess::arn(role) + "'"),
            "AWS IAM REVOKE");
        EXPECT_EQ(connection.run("DROP ROLE " + role), "DROP ROLE");
    }

    std::string log() const
    {
        const std::lock_guard lock(log_mutex_);
        return log_;
    }

    static std::unique_ptr<Shared> shared_;
    mutable std::mutex log_mutex_;
    std::string log_;
    std::unique_ptr<Listener> listener_;
};

std::unique_ptr<Shared> DsqlSession::shared_;

constexpr const char* denied = "unable to accept connection, access denied";

// --- logging in ---------------------------------------------------------------------------------

TEST_F(DsqlSession, AGoodTokenLetsIn)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT current_user, session_user, 1 + 1"), "admin|admin|2");
    EXPECT_STREQ(PQparameterStatus(connection.get(), "server_version"), "16.15");
    EXPECT_STREQ(PQparameterStatus(connection.get(), "is_superuser"), "off");
    EXPECT_EQ(connection.run("SHOW transaction_isolation"), "repeatable read");
    EXPECT_EQ(connection.run("SHOW timezone"), "UTC");
    const auto name = std::string(cluster_id) + ".dsql.us-east-1.on.aws";
    const Connection by_name(conninfo(
        "admin", token_for(shared_->owner, "DbConnectAdmin", std::chrono::seconds{60}, name)));
    EXPECT_TRUE(by_name.ok()) << by_name.error();
}

TEST_F(DsqlSession, TlsIsRequired)
{
    const auto text = refusal("x", "admin", "sslmode=disable");
    EXPECT_THAT(text, HasSubstr("SSL connection required"));
}

TEST_F(DsqlSession, BadTokensAreRefused)
{
    const auto good = token_for(shared_->owner, "DbConnectAdmin");
    EXPECT_THAT(refusal("password"), HasSubstr(denied));
    EXPECT_THAT(refusal(std::string(9'000, 'x')), HasSubstr(denied));
    EXPECT_THAT(refusal(good.substr(0, good.size() - 1) + (good.back() == '0' ? '1' : '0')),
                HasSubstr(denied));
    EXPECT_THAT(refusal(good + "&Action=DbConnectAdmin"), HasSubstr(denied));
    EXPECT_THAT(refusal(replace_all(good, "us-east-1%2Fdsql", "us-west-2%2Fdsql")),
                HasSubstr(denied));
    EXPECT_THAT(refusal(replace_all(good, "X-Amz-Expires=900", "X-Amz-Expires=9000")),
                HasSubstr(denied));
    EXPECT_THAT(refusal(token_for(shared_->owner, "DbConnectAdmin", std::chrono::seconds{604'801})),
                HasSubstr(denied));
    auto unknown = shared_->owner;
    unknown.access_key_id = "ASIANOBODY";
    EXPECT_THAT(refusal(token_for(unknown, "DbConnectAdmin")), HasSubstr(denied));
    auto stolen = shared_->owner;
    stolen.session_token = "other";
    EXPECT_THAT(refusal(token_for(stolen, "DbConnectAdmin")), HasSubstr(denied));
    EXPECT_THAT(log(), HasSubstr("user admin is refused"));
    EXPECT_THAT(log(), Not(HasSubstr(shared_->owner.secret_access_key)));
    EXPECT_THAT(log(), Not(HasSubstr("X-Amz-Signature=")));
}

TEST_F(DsqlSession, ATokenIsForOneClusterAndForATime)
{
    const auto for_host = [&](const std::string& host) {
        return token_for(shared_->owner, "DbConnectAdmin", std::chrono::seconds{60}, host);
    };
    EXPECT_THAT(refusal(for_host("127.0.0.2")), HasSubstr("another cluster"));
    EXPECT_THAT(refusal(for_host("zzzzzzzzzzzzzzzzzzzzzzzzzz.dsql.us-east-1.on.aws")),
                HasSubstr(denied));
    EXPECT_THAT(refusal(token_for(shared_->owner, "DbConnectAdmin", std::chrono::seconds{5},
                                  "127.0.0.1", system_now() - std::chrono::seconds{30})),
                HasSubstr("HINT:  Signature expired: "));
    EXPECT_THAT(refusal(token_for(shared_->owner, "DbConnectAdmin", std::chrono::seconds{900},
                                  "127.0.0.1", system_now() + std::chrono::minutes{10})),
                HasSubstr(denied));
    const auto expiring = shared_->access.make_role("expiring", {"dsql:DbConnectAdmin"});
    shared_->access.set_expiry(expiring, system_now() - std::chrono::seconds{1});
    EXPECT_THAT(refusal(token_for(expiring, "DbConnectAdmin")),
                HasSubstr("The security token included in the request is expired"));
}

TEST_F(DsqlSession, TheActionBelongsToTheUser)
{
    EXPECT_THAT(refusal(token_for(shared_->owner, "DbConnect")),
                HasSubstr("Wrong user to action mapping. user: admin, action: DbConnect"));
    EXPECT_THAT(refusal(token_for(shared_->owner, "DbConnectAdmin"), "someone"),
                HasSubstr("Wrong user to action mapping. user: someone, action: DbConnectAdmin"));
}

TEST_F(DsqlSession, IamDecides)
{
    const auto powerless = shared_->access.make_role("powerless", {});
    EXPECT_THAT(
        refusal(token_for(powerless, "DbConnectAdmin")),
        HasSubstr("User: arn:aws:sts::111122223333:assumed-role/powerless/s is not authorized to "
                  "perform: dsql:DbConnectAdmin on resource: "
                  "arn:aws:dsql:us-east-1:111122223333:cluster/abcdefghijklmnopqrstuvwxyz because "
                  "no identity-based policy allows the dsql:DbConnectAdmin action"));
    const auto stranger =
        shared_->access.make_role("stranger", {"dsql:DbConnectAdmin"}, "999999999999");
    EXPECT_THAT(refusal(token_for(stranger, "DbConnectAdmin")),
                HasSubstr("is not authorized to access this resource"));
}

TEST_F(DsqlSession, RolesMustBeMapped)
{
    const auto connect_only = token_for(shared_->owner, "DbConnect");
    EXPECT_THAT(refusal(connect_only, "nobody"), HasSubstr(denied));
    EXPECT_THAT(refusal(connect_only, "nimbus"), HasSubstr(denied));
    EXPECT_THAT(refusal(connect_only, "pg_monitor"), HasSubstr(denied));

    const auto key = application("mapped");
    EXPECT_THAT(refusal(connect_only, "lambda_mapped"), HasSubstr(denied));
    {
        auto connection = connect("lambda_mapped", key);
        EXPECT_EQ(connection.run("SELECT current_user"), "lambda_mapped");
    }
    // Made again, the IAM role is another one.
    const auto reborn = shared_->access.make_role("lambda_mapped", {"dsql:DbConnect"});
    EXPECT_THAT(refusal(token_for(reborn, "DbConnect"), "lambda_mapped"), HasSubstr(denied));
    forget("mapped");
    EXPECT_THAT(refusal(token_for(key, "DbConnect"), "lambda_mapped"), HasSubstr(denied));
}

TEST_F(DsqlSession, StartupParametersAreDsqls)
{
    const auto token = token_for(shared_->owner, "DbConnectAdmin");
    EXPECT_THAT(refusal(token, "admin", "options='-c default_transaction_read_only=on'"),
                HasSubstr("setting configuration parameter \"default_transaction_read_only\" not "
                          "supported"));
    EXPECT_THAT(refusal(token, "admin", "dbname=other"), HasSubstr("does not exist"));
    EXPECT_THAT(refusal(token, "admin", "options='-c amzn-cluster-id=zzz'"), HasSubstr(denied));
    auto connection = connect("admin", shared_->owner,
                              std::string("application_name=me options='-c amzn-cluster-id=") +
                                  cluster_id + " -c search_path=a,b -c timezone=Asia/Tokyo'");
    EXPECT_TRUE(connection.ok()) << connection.error();
    EXPECT_EQ(connection.run("SHOW search_path"), "a,b");
    EXPECT_EQ(connection.run("SHOW timezone"), "Asia/Tokyo");
    EXPECT_EQ(connection.run("SHOW application_name"), "me");
}

TEST_F(DsqlSession, AServerNameMustBeTheClusters)
{
    const auto token = token_for(shared_->owner, "DbConnectAdmin");
    const auto name = std::string(cluster_id) + ".dsql.us-east-1.on.aws";
    const auto by_host = [&](const std::string& host) {
        return replace_all(conninfo("admin", token), "host=127.0.0.1",
                           "host=" + host + " hostaddr=127.0.0.1");
    };
    EXPECT_TRUE(Connection(by_host(name)).ok());
    EXPECT_THAT(Connection(by_host("localhost")).error(), HasSubstr(denied));
}

// --- what is below the protocol -----------------------------------------------------------------

/// A socket without any client library.
class RawClient {
public:
    explicit RawClient(std::uint16_t port)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw_system_error(errno, "connecting");
    }
    void send(std::string_view bytes)
    {
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    /// All that comes until the server closes the connection.
    std::string receive_all()
    {
        std::string all;
        char buffer[1024];
        for (;;) {
            const auto count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
            if (count <= 0)
                return all;
            all.append(buffer, static_cast<std::size_t>(count));
        }
    }
    std::string receive(std::size_t size)
    {
        std::string all(size, '\0');
        const auto count = ::recv(socket_.get(), all.data(), size, MSG_WAITALL);
        all.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return all;
    }

private:
    UniqueFd socket_;
};

using namespace std::string_view_literals;

TEST_F(DsqlSession, BytesBeforeTlsAreNotTaken)
{
    RawClient client(listener_->port());
    client.send("\0\0\0\x08\x04\xd2\x16\x2fQ\0\0\0\x05\0"sv);
    EXPECT_THAT(client.receive_all(), HasSubstr("received unencrypted data after SSL request"));
}

TEST_F(DsqlSession, GssapiIsDeclinedAndTlsMayFollow)
{
    RawClient client(listener_->port());
    client.send("\0\0\0\x08\x04\xd2\x16\x30"sv);
    EXPECT_EQ(client.receive(1), "N");
    client.send("\0\0\0\x08\x04\xd2\x16\x2f"sv);
    EXPECT_EQ(client.receive(1), "S");
    client.send("this is not TLS, as far as anybody can tell");
    client.receive_all();
}

TEST_F(DsqlSession, OtherProtocolsAndLengthsAreRefused)
{
    RawClient old(listener_->port());
    old.send("\0\0\0\x08\0\x02\0\0"sv);
    EXPECT_THAT(old.receive_all(), HasSubstr("unsupported frontend protocol 2.0"));
    RawClient large(listener_->port());
    large.send("\0\xff\0\0\0\x03\0\0"sv);
    EXPECT_THAT(large.receive_all(), HasSubstr("invalid length of startup packet"));
    RawClient web(listener_->port());
    web.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_THAT(web.receive_all(), HasSubstr("invalid length of startup packet"));
}

TEST_F(DsqlSession, TlsMayComeFirst)
{
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()),
                                                            BIO_free_all);
    SSL* ssl = nullptr;
    BIO_get_ssl(bio.get(), &ssl);
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>("\x0apostgresql"), 11);
    BIO_set_conn_hostname(bio.get(), ("127.0.0.1:" + std::to_string(listener_->port())).c_str());
    ASSERT_EQ(BIO_do_connect(bio.get()), 1);
    const unsigned char* protocol = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &length);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(protocol), length), "postgresql");
    pgwire::FrontendWriter startup;
    const std::pair<std::string_view, std::string_view> parameters[] = {{"user", "admin"},
                                                                        {"database", "postgres"}};
    startup.startup(parameters);
    BIO_write(bio.get(), startup.bytes().data(), static_cast<int>(startup.bytes().size()));
    char answer[9];
    EXPECT_EQ(BIO_read(bio.get(), answer, sizeof answer), 9);
    EXPECT_EQ(std::string_view(answer, 9), "R\0\0\0\x08\0\0\0\x03"sv);
}

// --- statements ---------------------------------------------------------------------------------

TEST_F(DsqlSession, ThePagesProgramWorks)
{
    const auto key = application("page");
    {
        auto connection = connect("lambda_page", key, "options='-c search_path=page'");
        EXPECT_EQ(connection.run("CREATE TABLE IF NOT EXISTS users (id UUID PRIMARY KEY DEFAULT "
                                 "gen_random_uuid(), name VARCHAR(100) NOT NULL, email "
                                 "VARCHAR(100) UNIQUE NOT NULL, created_at TIMESTAMP DEFAULT "
                                 "CURRENT_TIMESTAMP)"),
                  "CREATE TABLE");
        EXPECT_EQ(connection.run("CREATE TABLE IF NOT EXISTS posts (id UUID PRIMARY KEY DEFAULT "
                                 "gen_random_uuid(), user_id UUID REFERENCES users(id), title "
                                 "VARCHAR(200) NOT NULL, content TEXT)"),
                  "CREATE TABLE");
        const auto id = connection.run_extended(
            "INSERT INTO users (name, email) VALUES ($1, $2) RETURNING id", {"Ada", "a@b"});
        EXPECT_EQ(id.size(), 36U);
        EXPECT_THAT(
            connection.run_extended("INSERT INTO users (name, email) VALUES ($1, $2) RETURNING *",
                                    {"Eve", "a@b"}),
            StartsWith("23505 duplicate key value violates unique constraint"));
        EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
        EXPECT_EQ(
            connection.run_extended("INSERT INTO posts (user_id, title) VALUES ($1, 'x')", {id}),
            "INSERT 0 1");
        EXPECT_EQ(connection.run("COMMIT"), "COMMIT");
        EXPECT_EQ(connection.run("SELECT u.name, p.title FROM posts p JOIN users u ON "
                                 "p.user_id = u.id"),
                  "Ada|x");
        EXPECT_THAT(connection.run("INSERT INTO posts (user_id, title) VALUES "
                                   "(gen_random_uuid(), 'y')"),
                    StartsWith("23503 "));
        EXPECT_EQ(connection.run("SELECT count(*) FROM users; SELECT 7"), "7");
        EXPECT_EQ(connection.run("UPDATE users SET name = 'Bob' RETURNING name"), "Bob");
        EXPECT_EQ(connection.run("UPDATE users SET name = 'Bob'"), "UPDATE 1");
        EXPECT_EQ(connection.run(""), "PGRES_EMPTY_QUERY");
    }
    forget("page");
}

TEST_F(DsqlSession, RefusalsComeWhereTheStatementStood)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("TRUNCATE t"), "0A000 unsupported statement: Truncate");
    EXPECT_EQ(connection.run_extended("TRUNCATE t"), "0A000 unsupported statement: Truncate");
    EXPECT_EQ(connection.run("SELECT 1; TRUNCATE t; SELECT 2"),
              "0A000 unsupported statement: Truncate");
    EXPECT_EQ(connection.run("SELEC 1"), "42601 syntax error at or near \"SELEC\"");
    EXPECT_EQ(connection.run("SELECT 1"), "1");

    EXPECT_EQ(connection.run("BEGIN"), "BEGIN");
    EXPECT_EQ(connection.run("TRUNCATE t"), "0A000 unsupported statement: Truncate");
    constexpr const char* aborted =
        "25P02 current transaction is aborted, commands ignored until end of transaction block";
    EXPECT_EQ(connection.run("TRUNCATE t"), aborted);
    EXPECT_EQ(connection.run_extended("SELECT 1"), aborted);
    EXPECT_EQ(connection.run("COMMIT"), "ROLLBACK");

    EXPECT_THAT(log(), HasSubstr("unsupported statement: Truncate"));
}

TEST_F(DsqlSession, APipelinesErrorsBelongToTheirStatements)
{
    auto connection = admin();
    auto* raw = connection.get();
    ASSERT_EQ(PQenterPipelineMode(raw), 1);
    const auto send = [&](const char* sql) {
        PQsendQueryParams(raw, sql, 0, nullptr, nullptr, nullptr, nullptr, 0);
    };
    send("SELECT 1");
    send("VACUUM");
    send("SELECT 2");
    PQpipelineSync(raw);
    send("SELECT 3");
    PQpipelineSync(raw);
    const auto next = [&] {
        auto text = Connection::text_of(PQgetResult(raw));
        PQclear(PQgetResult(raw));
        return text;
    };
    EXPECT_EQ(next(), "1");
    EXPECT_EQ(next(), "0A000 unsupported VACUUM statement");
    EXPECT_EQ(next(), "PGRES_PIPELINE_ABORTED");
    EXPECT_EQ(Connection::text_of(PQgetResult(raw)), "PGRES_PIPELINE_SYNC");
    EXPECT_EQ(next(), "3");
    EXPECT_EQ(Connection::text_of(PQgetResult(raw)), "PGRES_PIPELINE_SYNC");
}

TEST_F(DsqlSession, DdlStandsAlone)
{
    auto connection = admin();
    constexpr const char* multiple = "0A000 multiple ddl statements not supported in a transaction";
    constexpr const char* mixed = "0A000 ddl and dml are not supported in the same transaction";
    EXPECT_EQ(connection.run("CREATE TABLE a (x int); CREATE TABLE b (x int)"), multiple);
    EXPECT_EQ(connection.run("SELECT * FROM a"), "42P01 relation \"a\" does not exist");
    EXPECT_EQ(connection.run("CREATE TABLE a (x int)"), "CREATE TABLE");
    EXPECT_EQ(connection.run("INSERT INTO a VALUES (1); CREATE TABLE b (x int)"), mixed);
    for (const auto& [first, second, error] :
         {std::tuple{"CREATE TABLE b (x int)", "CREATE TABLE c (x int)", multiple},
          std::tuple{"GRANT SELECT ON a TO admin", "GRANT SELECT ON a TO admin", multiple},
          std::tuple{"CREATE TABLE b (x int)", "INSERT INTO a VALUES (1)", mixed},
          std::tuple{"DELETE FROM a", "CREATE TABLE b (x int)", mixed}}) {
        connection.run("BEGIN");
        EXPECT_THAT(connection.run(first), Not(StartsWith("0A000"))) << first;
        EXPECT_EQ(connection.run_extended(second), error) << first << "; " << second;
        connection.run("ROLLBACK");
    }
    // A statement that is prepared once counts each time it is executed.
    PQclear(PQprepare(connection.get(), "insert", "INSERT INTO a VALUES (1)", 0, nullptr));
    const auto insert = [&] {
        return Connection::text_of(
            PQexecPrepared(connection.get(), "insert", 0, nullptr, nullptr, nullptr, 0));
    };
    EXPECT_EQ(insert(), "INSERT 0 1");
    connection.run("BEGIN");
    connection.run("CREATE TABLE b (x int)");
    EXPECT_EQ(insert(), mixed);
    connection.run("ROLLBACK");
    EXPECT_EQ(insert(), "INSERT 0 1");
    EXPECT_EQ(connection.run("DROP TABLE a"), "DROP TABLE");
}

TEST_F(DsqlSession, TransactionsHaveARowLimit)
{
    auto connection = admin();
    constexpr const char* limit = "54000 transaction row limit exceeded";
    connection.run("CREATE TABLE r (x int)");
    EXPECT_EQ(connection.run("INSERT INTO r SELECT generate_series(1, 3000)"), "INSERT 0 3000");
    EXPECT_EQ(connection.run("INSERT INTO r SELECT generate_series(1, 3001)"), limit);
    EXPECT_EQ(connection.run_extended("INSERT INTO r SELECT generate_series(1, 3001)"), limit);
    EXPECT_EQ(connection.run("SELECT count(*) FROM r"), "3000");
    EXPECT_EQ(connection.run_extended("UPDATE r SET x = x + 1"), "UPDATE 3000");

    connection.run("BEGIN");
    EXPECT_EQ(connection.run("UPDATE r SET x = x + 1"), "UPDATE 3000");
    EXPECT_EQ(connection.run("INSERT INTO r VALUES (1)"), limit);
    EXPECT_THAT(connection.run("SELECT 1"), StartsWith("25P02"));
    connection.run("ROLLBACK");

    ASSERT_EQ(connection.run("COPY r FROM STDIN"), "PGRES_COPY_IN");
    std::string rows;
    for (int i = 0; i < 3'001; ++i)
        rows += "1\n";
    PQputCopyData(connection.get(), rows.data(), static_cast<int>(rows.size()));
    PQputCopyEnd(connection.get(), nullptr);
    EXPECT_EQ(Connection::text_of(PQgetResult(connection.get())), limit);
    PQclear(PQgetResult(connection.get()));

    EXPECT_EQ(connection.run("SELECT count(*) FROM r"), "3000");
    connection.run("DROP TABLE r");
}

TEST_F(DsqlSession, TransactionsHaveAnAge)
{
    std::atomic<int> seconds{0};
    listen([&](SessionContext& context) {
        context.clock = [&seconds] { return system_now() + std::chrono::seconds{seconds.load()}; };
    });
    auto connection = admin();
    connection.run("BEGIN");
    EXPECT_EQ(connection.run("SELECT 1"), "1");
    seconds = 301;
    EXPECT_EQ(connection.run("SELECT 1"), "54000 transaction age limit of 300s exceeded");
    EXPECT_EQ(connection.run("ROLLBACK"), "ROLLBACK");
    EXPECT_EQ(connection.run("SELECT 1"), "1");
    listener_.reset();
}

TEST_F(DsqlSession, ConflictsAreOptimistic)
{
    auto first = admin();
    auto second = admin();
    constexpr const char* conflict = "40001 change conflicts with another transaction (OC000)";
    first.run("CREATE TABLE o (id int PRIMARY KEY, x int)");
    first.run("INSERT INTO o VALUES (1, 1)");
    second.run("BEGIN");
    EXPECT_EQ(second.run("SELECT x FROM o"), "1");
    EXPECT_EQ(first.run("UPDATE o SET x = 2"), "UPDATE 1");
    EXPECT_EQ(second.run("UPDATE o SET x = 3"), conflict);
    second.run("ROLLBACK");

    // Nobody waits for long.
    first.run("BEGIN");
    EXPECT_EQ(first.run("UPDATE o SET x = 4"), "UPDATE 1");
    EXPECT_EQ(second.run("UPDATE o SET x = 5"), conflict);
    EXPECT_EQ(first.run("COMMIT"), "COMMIT");
    first.run("DROP TABLE o");
}

TEST_F(DsqlSession, IndexesAreBuiltByJobs)
{
    auto connection = admin();
    connection.run("CREATE TABLE i (a int, b jsonb)");
    for (const bool extended : {false, true}) {
        const auto sql =
            std::string("CREATE INDEX ASYNC i_") + (extended ? "y" : "x") + " ON i (a)";
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(
            extended ? PQexecParams(connection.get(), sql.c_str(), 0, nullptr, nullptr, nullptr,
                                    nullptr, 0)
                     : PQexec(connection.get(), sql.c_str()),
            PQclear);
        ASSERT_EQ(PQresultStatus(result.get()), PGRES_TUPLES_OK)
            << PQresultErrorMessage(result.get());
        EXPECT_STREQ(PQcmdStatus(result.get()), "CREATE INDEX");
        EXPECT_STREQ(PQfname(result.get(), 0), "job_id");
        const std::string job = PQgetvalue(result.get(), 0, 0);
        EXPECT_THAT(job, MatchesRegex("[a-z2-7]+"));
        EXPECT_EQ(job.size(), 26U);
        EXPECT_EQ(connection.run("CALL sys.wait_for_job('" + job + "')"), "CALL");
        EXPECT_EQ(connection.run("SELECT status, job_type, object_name FROM sys.jobs WHERE "
                                 "job_id = '" +
                                 job + "'"),
                  std::string("completed|INDEX_BUILD|public.i_") + (extended ? "y" : "x"));
    }
    EXPECT_EQ(connection.run("CREATE INDEX ASYNC ON i (b)"),
              "0A000 datatype jsonb is not supported in a key");
    EXPECT_EQ(connection.run("CREATE INDEX ASYNC ON nothing (b)"),
              "42P01 relation \"nothing\" does not exist");
    EXPECT_EQ(connection.run("CREATE INDEX ASYNC i_x ON i (a)"),
              "42P07 relation \"i_x\" already exists");
    connection.run("INSERT INTO i VALUES (1), (1)");
    const auto failed = connection.run("CREATE UNIQUE INDEX ASYNC ON i (a)");
    EXPECT_EQ(
        connection.run("SELECT status, details FROM sys.jobs WHERE job_id = '" + failed + "'"),
        "failed|Found duplicate key while validating index for UCVs");
    EXPECT_EQ(connection.run("SELECT sys.wait_for_job('x')"),
              "42809 sys.wait_for_job(unknown) is a procedure");
    EXPECT_EQ(connection.run("CALL sys.wait_for_job('x')"), "22P02 Unable to convert text to UUID");
    connection.run("DROP TABLE i");
}

TEST_F(DsqlSession, VersionsAreDsqls)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT version()"), "PostgreSQL 16");
    EXPECT_EQ(connection.run("SHOW server_version"), "16.15");
    EXPECT_EQ(connection.run_extended("SHOW server_version_num"), "160015");
    EXPECT_EQ(connection.run("SELECT current_setting('server_version_num')"), "160015");
    EXPECT_EQ(connection.run("SELECT * FROM sys.dsql_major_version()"), "1");
}

// --- roles --------------------------------------------------------------------------------------

TEST_F(DsqlSession, MappingsAreMadeByAdminAlone)
{
    auto connection = admin();
    const auto arn = FakeAccess::arn("reader");
    shared_->access.make_role("reader", {});
    EXPECT_EQ(connection.run("AWS IAM GRANT reader TO 'nonsense'"),
              "22023 IAM role must look like an IAM ARN");
    EXPECT_EQ(connection.run("AWS IAM GRANT reader TO '" + FakeAccess::arn("gone") + "'"),
              "42704 IAM role " + FakeAccess::arn("gone") + " does not exist");
    EXPECT_EQ(connection.run("AWS IAM GRANT reader TO '" + arn + "'"),
              "42704 Role reader does not exist");
    connection.run("CREATE ROLE reader");
    EXPECT_EQ(connection.run("AWS IAM GRANT reader TO '" + arn + "'"),
              "22023 role reader must have the LOGIN attribute");
    EXPECT_EQ(connection.run("ALTER ROLE reader LOGIN"), "ALTER ROLE");
    EXPECT_EQ(connection.run_extended("AWS IAM GRANT reader TO '" + arn + "'"), "AWS IAM GRANT");
    EXPECT_THAT(connection.run("AWS IAM GRANT reader TO '" + arn + "'"), StartsWith("42710 "));
    EXPECT_EQ(connection.run("SELECT arn, pg_role_name, grantor_pg_role_name FROM "
                             "sys.iam_pg_role_mappings WHERE pg_role_name = 'reader'"),
              arn + "|reader|admin");
    EXPECT_EQ(connection.run("DROP ROLE reader"),
              "2BP01 role reader cannot be dropped because some objects depend on it");
    connection.run("BEGIN");
    EXPECT_EQ(connection.run("AWS IAM REVOKE reader FROM '" + arn + "'"), "AWS IAM REVOKE");
    EXPECT_EQ(connection.run("CREATE ROLE other"),
              "0A000 multiple ddl statements not supported in a transaction");
    connection.run("ROLLBACK");
    EXPECT_EQ(connection.run("AWS IAM REVOKE reader FROM '" + arn + "'"), "AWS IAM REVOKE");
    EXPECT_THAT(connection.run("AWS IAM REVOKE reader FROM '" + arn + "'"), StartsWith("42704 "));
    EXPECT_EQ(connection.run("DROP ROLE reader"), "DROP ROLE");
    EXPECT_EQ(connection.run("DROP ROLE IF EXISTS reader"), "DROP ROLE");
    EXPECT_EQ(connection.run("DROP ROLE reader"), "42704 role \"reader\" does not exist");
}

TEST_F(DsqlSession, AdminIsNoSuperuser)
{
    auto connection = admin();
    EXPECT_EQ(connection.run("SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname NOT LIKE "
                             "'pg\\_%'"),
              "admin");
    EXPECT_EQ(connection.run("SELECT usename FROM pg_user"), "admin");
    for (const char* statement : {"GRANT pg_execute_server_program TO admin",
                                  "CREATE ROLE x SUPERUSER",
                                  "ALTER ROLE admin SUPERUSER",
                                  "COPY (SELECT 1) TO PROGRAM 'id'",
                                  "SELECT pg_read_file('/etc/passwd')",
                                  "SELECT lo_import('/etc/passwd')",
                                  "SET SESSION AUTHORIZATION nimbus",
                                  "SET ROLE nimbus",
                                  "RESET SESSION AUTHORIZATION",
                                  "DISCARD ALL",
                                  "SELECT set_config('session_authorization', 'nimbus', false)",
                                  "SELECT set_config('role', 'nimbus', false)",
                                  "GRANT nimbus TO admin",
                                  "ALTER SYSTEM SET work_mem = '1MB'",
                                  "SELECT * FROM pg_authid",
                                  "SELECT sys.nimbus_add_job('a', 1, 'b')",
                                  "CALL sys.nimbus_iam_grant('a', 'b', 'c')",
                                  "UPDATE pg_catalog.pg_class SET relname = 'x'",
                                  "DROP SCHEMA sys CASCADE",
                                  "INSERT INTO sys.nimbus_mappings VALUES (1, 'a', 'b', 1, 1)",
                                  "CREATE EVENT TRIGGER x ON ddl_command_end EXECUTE FUNCTION f()"})
        EXPECT_THAT(connection.run(statement), MatchesRegex("(42501|0A000|42704|42883|22023) .*"))
            << statement;
}

TEST_F(DsqlSession, ApplicationsAreIsolated)
{
    const auto blue_key = application("blue");
    const auto red_key = application("red");
    {
        auto blue = connect("lambda_blue", blue_key);
        auto red = connect("lambda_red", red_key);
        EXPECT_EQ(blue.run("CREATE TABLE blue.blue_things (name text)"), "CREATE TABLE");
        EXPECT_EQ(blue.run("INSERT INTO blue.blue_things VALUES ('blue')"), "INSERT 0 1");
        EXPECT_EQ(red.run("SELECT * FROM blue.blue_things"),
                  "42501 permission denied for schema blue");
        for (const char* statement :
             {"INSERT INTO blue.blue_things VALUES ('mine')", "DROP TABLE blue.blue_things",
              "CREATE TABLE blue.mine (a text)", "DROP SCHEMA blue CASCADE",
              "GRANT ALL ON SCHEMA blue TO lambda_red", "ALTER SCHEMA blue OWNER TO lambda_red",
              "SET ROLE lambda_blue", "SET ROLE admin", "SET SESSION AUTHORIZATION lambda_blue",
              "GRANT lambda_blue TO lambda_red", "GRANT admin TO lambda_red",
              "CREATE ROLE another LOGIN", "ALTER ROLE lambda_red SUPERUSER",
              "AWS IAM GRANT lambda_red TO 'arn:aws:iam::000000000000:role/mine'",
              "CREATE SCHEMA mine", "CREATE TABLE public.mine (a int)",
              "CREATE INDEX ASYNC ON blue.blue_things (name)", "CREATE TEMP TABLE mine (a int)"})
            EXPECT_THAT(red.run(statement), MatchesRegex("(42501|0A000|42704) .*")) << statement;
        for (const char* listing :
             {"SELECT relname FROM pg_class WHERE relname LIKE 'blue%'",
              "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_namespace n ON n.oid = "
              "c.relnamespace WHERE n.nspname = 'blue'",
              "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = 'blue'",
              "SELECT tablename FROM pg_tables WHERE schemaname = 'blue'",
              "SELECT typname FROM pg_type WHERE typname LIKE 'blue%'",
              "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'blue'",
              "SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE "
              "c.relname LIKE 'blue%'",
              "SELECT table_name FROM information_schema.tables WHERE table_schema = 'blue'",
              "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'blue'",
              "SELECT column_name FROM information_schema.columns WHERE table_name LIKE 'blue%'"})
            EXPECT_EQ(red.run(listing), "") << listing;
        EXPECT_EQ(red.run("CREATE TABLE red.mine (a int)"), "CREATE TABLE");
        EXPECT_EQ(red.run("SELECT tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg%' AND "
                          "schemaname NOT IN ('information_schema', 'sys')"),
                  "mine");
        EXPECT_EQ(red.run("SELECT attname FROM pg_attribute WHERE attrelid = 'red.mine'::regclass "
                          "AND attnum > 0"),
                  "a");
        EXPECT_EQ(admin().run("SELECT relname FROM pg_class WHERE relname = 'blue_things'"),
                  "blue_things");
        EXPECT_EQ(blue.run("SELECT name FROM blue.blue_things"), "blue");
    }
    forget("blue");
    forget("red");
}

// --- the end of sessions ------------------------------------------------------------------------

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
    EXPECT_THAT(connection.run_extended("SELECT length($1)", {std::string(11'000'000, 'x')}),
                testing::AnyOf(StartsWith("08P01 invalid message length"), HasSubstr("closed")));
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
