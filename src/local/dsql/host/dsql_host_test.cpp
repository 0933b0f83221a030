#include "base/error.h"
#include "base/file.h"
#include "local/dsql/database_connection.h"
#include "local/dsql/host/dsql_host.h"
#include "local/postgres/postgres_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pg_query.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <future>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace nimbus::local::dsql {
namespace {

using testing::HasSubstr;

class NobodyKnown : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string&) override { return {}; }
    Decision authorize(const Principal&, const std::string&, const std::string&,
                       const ConditionContext&, const std::string&) override
    {
        return {};
    }
    AccessKey assume_role_for_service(const std::string&, const std::string&, const std::string&,
                                      std::chrono::seconds) override
    {
        throw Error("no such role");
    }
};

template <auto free>
struct Deleter {
    template <class T>
    void operator()(T* object) const noexcept
    {
        free(object);
    }
};
using Tls = std::unique_ptr<SSL, Deleter<SSL_free>>;
using TlsClient = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Connection = std::unique_ptr<PGconn, Deleter<PQfinish>>;

int free_port()
{
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    ::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name);
    socklen_t size = sizeof name;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size);
    return ntohs(name.sin_port);
}

/// False when the cluster stops before the client sends something or leaves.
bool wait_for(const UniqueFd& client, int stop_fd)
{
    std::array<pollfd, 2> events{{{client.get(), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
    ::poll(events.data(), events.size(), -1);
    return events[1].revents == 0;
}

/// In place of a session: TLS at once, then the cluster's id, and it stays until the client leaves.
void serve_greeting(UniqueFd client, const SessionContext& context, int stop_fd, const LoggedIn&)
{
    const Tls tls(SSL_new(context.tls));
    SSL_set_fd(tls.get(), client.get());
    if (!wait_for(client, stop_fd) || SSL_accept(tls.get()) != 1)
        return;
    const std::string& id = context.cluster.id;
    SSL_write(tls.get(), id.data(), static_cast<int>(id.size()));
    wait_for(client, stop_fd);
}

Connection database(const std::filesystem::path& socket, const std::string& user)
{
    const std::string parameters =
        "host='" + socket.parent_path().string() + "' port=5432 dbname=postgres user=" + user +
        " password=" + read_file(socket.parent_path() / postgres::Server::password_file);
    Connection connection(PQconnectdb(parameters.c_str()));
    if (PQstatus(connection.get()) != CONNECTION_OK)
        throw Error(PQerrorMessage(connection.get()));
    return connection;
}

class DsqlHostTest : public testing::Test {
protected:
    DsqlHostOptions options()
    {
        return {.directory = home_.path() / "clusters",
                .template_directory =
                    NIMBUS_TEST_POSTGRES_TEMPLATE "-" + std::to_string(::geteuid()),
                .authority = authority_,
                .serve = serve_greeting,
                .bootstrap =
                    [this](const std::filesystem::path& socket, const std::string& user) {
                        {
                            const std::lock_guard lock(mutex_); // clusters start side by side
                            socket_ = socket;
                        }
                        PQclear(PQexec(database(socket, user).get(), "SELECT 1"));
                    },
                .port = port_};
    }

    std::unique_ptr<DsqlHost> make_host() { return std::make_unique<DsqlHost>(options(), access_); }

    /// What was reported: "" or why it failed.
    static std::string started(DsqlHost& host, const Cluster& cluster)
    {
        std::promise<std::string> result;
        host.start(cluster, [&](const std::string& failure) { result.set_value(failure); });
        return result.get_future().get();
    }

    static std::string removed(DsqlHost& host, const std::string& id)
    {
        std::promise<std::string> result;
        host.remove(id, [&](const std::string& failure) { result.set_value(failure); });
        return result.get_future().get();
    }

    /// A connected socket, or none when the address refuses.
    UniqueFd connect(const std::string& address) const
    {
        UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(static_cast<std::uint16_t>(port_));
        ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
        if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
            return {};
        return socket;
    }

    /// What a client reads that trusts our CA and expects `name` in the certificate.
    std::string greeting(const std::string& address, const std::string& name) const
    {
        const auto ca_file = home_.path() / "ca.pem";
        write_file(ca_file, authority_.certificate_pem);
        const TlsClient client(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_load_verify_file(client.get(), ca_file.c_str());
        SSL_CTX_set_verify(client.get(), SSL_VERIFY_PEER, nullptr);
        const UniqueFd socket = connect(address);
        const Tls tls(SSL_new(client.get()));
        SSL_set_fd(tls.get(), socket.get());
        if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls.get()), name.c_str()) != 1)
            SSL_set1_host(tls.get(), name.c_str());
        if (SSL_connect(tls.get()) != 1)
            return X509_verify_cert_error_string(SSL_get_verify_result(tls.get()));
        std::array<char, 64> buffer{};
        const int got = SSL_read(tls.get(), buffer.data(), buffer.size());
        return {buffer.data(), static_cast<std::size_t>(std::max(got, 0))};
    }

    TemporaryDirectory home_;
    NobodyKnown access_;
    int port_ = free_port();
    crypto::CertificateAndKey authority_ =
        crypto::create_certificate_authority("test CA", std::chrono::days(1));
    std::mutex mutex_;
    std::filesystem::path socket_;
    Cluster cluster_{.id = "abcdefghijklmnopqrstuvwxyz", .arn = "arn", .region = "us-east-1"};
};

/// Where they differ, the dialect reads other statements than the server runs.
TEST(PostgreSql, ParserAndServerHaveTheSameMajorVersion)
{
    EXPECT_EQ(PG_VERSION_NUM / 10'000, postgres::wanted_major_version);
    EXPECT_EQ(postgres::find_installation().major_version, postgres::wanted_major_version);
}

TEST_F(DsqlHostTest, ServesAClusterUnderAllItsNames)
{
    const auto host = make_host();
    cluster_.address = host->reserve_address(cluster_);
    EXPECT_EQ(host->reserve_address(cluster_), cluster_.address);
    ASSERT_EQ(started(*host, cluster_), "");

    for (const std::string& name :
         {cluster_.id + ".dsql.us-east-1.on.aws", std::string("localhost"), cluster_.address})
        EXPECT_EQ(greeting(cluster_.address, name), cluster_.id) << name;
    EXPECT_THAT(greeting(cluster_.address, "other.dsql.us-east-1.on.aws"),
                HasSubstr("hostname mismatch"));
}

TEST_F(DsqlHostTest, ServesCopiesOfAClusterUnderNamesOfTheirOwn)
{
    const auto host = make_host();
    cluster_.address = host->reserve_address(cluster_);
    EXPECT_THROW(host->copy(cluster_.id), Error) << "it is not running yet";
    ASSERT_EQ(started(*host, cluster_), "");

    const auto one = host->copy(cluster_.id);
    const auto two = host->copy(cluster_.id);
    for (const auto& [id, address] : {one, two})
        EXPECT_EQ(greeting(address, id + ".dsql.us-east-1.on.aws"), id);
    EXPECT_EQ(greeting(cluster_.address, "localhost"), cluster_.id);

    host->remove_copy(cluster_.id, one.id);
    host->remove_copy(cluster_.id, one.id); // is gone
    EXPECT_FALSE(connect(one.address));
    EXPECT_TRUE(connect(two.address));
    EXPECT_EQ(removed(*host, cluster_.id), "");
    EXPECT_FALSE(connect(two.address));
    EXPECT_THROW(host->copy(cluster_.id), Error);
}

TEST_F(DsqlHostTest, LetsClientsWaitUntilTheClusterIsThere)
{
    const auto host = make_host();
    cluster_.address = host->reserve_address(cluster_);
    auto early = std::async([&] { return greeting(cluster_.address, "localhost"); });
    ASSERT_EQ(started(*host, cluster_), "");
    EXPECT_EQ(early.get(), cluster_.id);
}

TEST_F(DsqlHostTest, KeepsDataAndAddressAcrossAStop)
{
    {
        const auto host = make_host();
        cluster_.address = host->reserve_address(cluster_);
        ASSERT_EQ(started(*host, cluster_), "");
        PQclear(PQexec(database(socket_, "nimbus").get(), "CREATE TABLE kept ()"));
        host->stop();
        EXPECT_FALSE(connect(cluster_.address));
        EXPECT_THAT(started(*host, cluster_), HasSubstr("stopping"));
    }
    const auto host = make_host();
    EXPECT_EQ(host->reserve_address(cluster_), cluster_.address);
    ASSERT_EQ(started(*host, cluster_), "");
    const std::unique_ptr<PGresult, Deleter<PQclear>> kept(
        PQexec(database(socket_, "nimbus").get(), "SELECT * FROM kept"));
    EXPECT_EQ(PQresultStatus(kept.get()), PGRES_TUPLES_OK);
}

TEST_F(DsqlHostTest, MakesClustersThatAreBootstrappedAlready)
{
    auto own = options();
    std::string found;
    own.bootstrap = [&found](const std::filesystem::path& socket, const std::string& user) {
        const auto connection = database(socket, user);
        const std::unique_ptr<PGresult, Deleter<PQclear>> result(
            PQexec(connection.get(), "SELECT to_regclass('sys.jobs')"));
        found = PQgetvalue(result.get(), 0, 0);
        bootstrap_cluster(socket, user);
    };
    DsqlHost host(own, access_);
    cluster_.address = host.reserve_address(cluster_);
    EXPECT_EQ(started(host, cluster_), "");
    EXPECT_EQ(found, "sys.jobs");
}

TEST_F(DsqlHostTest, CarriesAClusterOfPostgresql15OverWithItsRolesAndRows)
{
    const std::filesystem::path older = "/usr/lib/postgresql/15/bin";
    if (!std::filesystem::exists(older / "postgres"))
        GTEST_SKIP() << "needs PostgreSQL 15";
    const auto run = [&](const char* user, const std::string& sql) {
        // As sessions do, which gives a role the password.
        EXPECT_TRUE(DatabaseConnection::open(socket_, {{"user", user}, {"database", "postgres"}},
                                             -1, Deadline::after(std::chrono::seconds(10))));
        const auto connection = database(socket_, user);
        const std::unique_ptr<PGresult, Deleter<PQclear>> result(
            PQexec(connection.get(), sql.c_str()));
        EXPECT_EQ(std::string(PQresultErrorMessage(result.get())), "") << sql;
        return std::string(PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "");
    };
    const auto host_with = [&](const std::filesystem::path& programs) {
        auto own = options();
        own.postgres_bin_directory = programs;
        own.bootstrap = [this](const std::filesystem::path& socket, const std::string& user) {
            socket_ = socket;
            bootstrap_cluster(socket, user);
        };
        auto host = std::make_unique<DsqlHost>(own, access_);
        cluster_.address = host->reserve_address(cluster_);
        EXPECT_EQ(started(*host, cluster_), "");
        return host;
    };
    {
        const auto host = host_with(older);
        run("admin", "CREATE ROLE app LOGIN CONNECTION LIMIT 7; CREATE ROLE team; "
                     "GRANT team TO app; COMMENT ON ROLE app IS 'it''s'; GRANT team TO admin; "
                     "GRANT app TO admin; CREATE SCHEMA s AUTHORIZATION app");
        run("admin", "ALTER ROLE app SET search_path = s, \"a;b\"");
        run("admin", "CALL sys.nimbus_iam_grant('app', 'arn:aws:iam::1:role/r', 'AROA1')");
        // Whoever runs it, it is not the superuser.
        run("app", "CREATE FUNCTION s.fine() RETURNS boolean LANGUAGE sql "
                   "AS $$ SELECT current_user = 'app' $$; "
                   "CREATE TABLE s.p (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
                   "CHECK (s.fine())); INSERT INTO s.p DEFAULT VALUES; "
                   "CREATE TABLE s.c (p bigint REFERENCES s.p); INSERT INTO s.c VALUES (1); "
                   "GRANT SELECT ON s.c TO team; "
                   "CREATE VIEW s.v AS SELECT relname FROM sys.pg_class WHERE relname = 'c'");
    }
    const auto host = host_with({});
    EXPECT_EQ(run("nimbus", "SHOW server_version_num").substr(0, 2), "16");
    EXPECT_EQ(run("app", "INSERT INTO p DEFAULT VALUES RETURNING id"), "2");
    EXPECT_EQ(run("app", "SHOW search_path"), "s, \"a;b\"");
    EXPECT_EQ(run("app", "SELECT relname FROM s.v"), "c");
    EXPECT_EQ(run("admin", "SELECT has_table_privilege('team', 's.c', 'SELECT')"), "t");
    EXPECT_EQ(run("admin", "SELECT rolconnlimit || shobj_description(oid, 'pg_authid') "
                           "FROM pg_roles WHERE rolname = 'app'"),
              "7it's");
    EXPECT_EQ(run("app", "SELECT sys.nimbus_may_connect('arn:aws:iam::1:role/r', 'AROA1')"), "t");
    // admin made the roles, and rules over them.
    run("admin", "SET ROLE app");
    run("admin", "REVOKE team FROM app");
    EXPECT_EQ(run("admin", "SELECT pg_has_role('app', 'team', 'MEMBER')"), "f");
    run("admin", "CALL sys.nimbus_iam_revoke('app', 'arn:aws:iam::1:role/r')");
    run("admin", "DROP SCHEMA s CASCADE; DROP ROLE app, team");
}

TEST_F(DsqlHostTest, RemovesAClusterWithAllItHad)
{
    const auto host = make_host();
    cluster_.address = host->reserve_address(cluster_);
    ASSERT_EQ(started(*host, cluster_), "");
    EXPECT_EQ(removed(*host, cluster_.id), "");
    EXPECT_FALSE(connect(cluster_.address));
    EXPECT_TRUE(std::filesystem::is_empty(home_.path() / "clusters"));
}

TEST_F(DsqlHostTest, RemovesWhatAnEarlierRunBeganToRemove)
{
    {
        const auto host = make_host();
        cluster_.address = host->reserve_address(cluster_);
        ASSERT_EQ(started(*host, cluster_), "");
    }
    const auto host = make_host();
    EXPECT_EQ(removed(*host, cluster_.id), "");
    EXPECT_TRUE(std::filesystem::is_empty(home_.path() / "clusters"));
}

TEST_F(DsqlHostTest, RemovesAClusterThatIsJustStarting)
{
    const auto host = make_host();
    cluster_.address = host->reserve_address(cluster_);
    std::promise<std::string> start;
    host->start(cluster_, [&](const std::string& failure) { start.set_value(failure); });
    EXPECT_EQ(removed(*host, cluster_.id), "");
    start.get_future().get(); // reported, one way or the other
    EXPECT_FALSE(std::filesystem::exists(home_.path() / "clusters" / cluster_.id));
    EXPECT_FALSE(connect(cluster_.address));
}

TEST_F(DsqlHostTest, ReportsAClusterThatDoesNotStartAndGivesItsAddressBack)
{
    auto broken = options();
    broken.bootstrap = [](const std::filesystem::path&, const std::string&) {
        throw Error("The schema cannot be made", "Make room");
    };
    DsqlHost host(broken, access_);
    cluster_.address = host.reserve_address(cluster_);
    EXPECT_EQ(started(host, cluster_), "The schema cannot be made. Make room");
    EXPECT_FALSE(connect(cluster_.address));
    EXPECT_EQ(host.reserve_address(cluster_), cluster_.address);
}

TEST_F(DsqlHostTest, SaysThatAnAddressIsTaken)
{
    const auto host = make_host();
    cluster_.address = host->reserve_address(cluster_);
    Cluster other{.id = "zyxwvutsrqponmlkjihgfedcba",
                  .arn = "arn",
                  .region = "us-east-1",
                  .address = cluster_.address};
    try {
        host->reserve_address(other);
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr(cluster_.address));
    }
}

TEST_F(DsqlHostTest, SaysThatPostgresqlIsMissingBeforeAClusterIsMade)
{
    auto without = options();
    without.postgres_bin_directory = home_.path();
    DsqlHost host(without, access_);
    try {
        host.reserve_address(cluster_);
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("no usable PostgreSQL"));
    }
    EXPECT_THAT(started(host, cluster_), HasSubstr("no address"));
}

TEST_F(DsqlHostTest, RefusesIdentifiersThatLeadElsewhere)
{
    const auto host = make_host();
    EXPECT_THROW(host->reserve_address({.id = "../../etc"}), UsageError);
    EXPECT_THAT(removed(*host, ".."), HasSubstr("not a cluster's identifier"));
}

TEST_F(DsqlHostTest, TellsClientsWithinTlsThatThereAreTooMany)
{
    auto narrow = options();
    narrow.max_connections = 1;
    std::promise<void> has_logged_in;
    narrow.serve = [&](UniqueFd client, const SessionContext&, int stop_fd,
                       const LoggedIn& logged_in) {
        logged_in();
        has_logged_in.set_value();
        wait_for(client, stop_fd);
    };
    DsqlHost host(narrow, access_);
    cluster_.address = host.reserve_address(cluster_);
    ASSERT_EQ(started(host, cluster_), "");
    const UniqueFd first = connect(cluster_.address);
    has_logged_in.get_future().wait();

    const std::string parameters = "host=" + cluster_.address + " port=" + std::to_string(port_) +
                                   " user=admin dbname=postgres sslmode=require password=x";
    const Connection second(PQconnectdb(parameters.c_str()));
    EXPECT_EQ(PQstatus(second.get()), CONNECTION_BAD);
    EXPECT_THAT(PQerrorMessage(second.get()),
                HasSubstr("FATAL:  Unable to accept connection, too many open connections."));
}

TEST_F(DsqlHostTest, StopsWhileClientsAreConnected)
{
    const auto host = make_host();
    cluster_.address = host->reserve_address(cluster_);
    ASSERT_EQ(started(*host, cluster_), "");
    const UniqueFd client = connect(cluster_.address);
    host->stop();
    char byte = 0;
    EXPECT_LE(::recv(client.get(), &byte, 1, 0), 0);
    host->stop();
}

TEST_F(DsqlHostTest, HostsSeveralClustersAtATime)
{
    const auto host = make_host();
    std::vector<Cluster> clusters;
    std::vector<std::promise<std::string>> results(3);
    for (std::size_t i = 0; i < results.size(); ++i) {
        Cluster cluster{.id = "cluster" + std::to_string(i), .arn = "arn", .region = "eu-west-1"};
        cluster.address = host->reserve_address(cluster);
        host->start(cluster,
                    [&results, i](const std::string& failure) { results[i].set_value(failure); });
        clusters.push_back(cluster);
    }
    for (auto& result : results)
        EXPECT_EQ(result.get_future().get(), "");
    for (const auto& cluster : clusters)
        EXPECT_EQ(greeting(cluster.address, cluster.address), cluster.id);
}

} // namespace
} // namespace nimbus::local::dsql
