#include "base/text.h"
#include "local/dsql/session_fixture.h"
#include "pgwire/frontend.h"

#include <gmock/gmock.h>

namespace nimbus::local::dsql {
namespace {

using namespace testing_cluster;
using testing::HasSubstr;
using testing::Not;

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
    EXPECT_THAT(text, HasSubstr("unable to accept connection, SSL is mandatory"));
    EXPECT_THAT(text, HasSubstr("SSL connection required"));
    EXPECT_THAT(log(), HasSubstr("sqlstate=08P01"));
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
    EXPECT_THAT(log(), HasSubstr("message=\"A client was refused\""));
    EXPECT_THAT(log(), HasSubstr("user=admin sqlstate=08006"));
    EXPECT_THAT(log(), Not(HasSubstr(shared_->owner.secret_access_key)));
    EXPECT_THAT(log(), Not(HasSubstr("X-Amz-Signature=")));
}

TEST_F(DsqlSession, WhoIsRefusedIsToldTheConnectionsIdInTheLog)
{
    const auto text = refusal("password");
    constexpr std::string_view label = "DETAIL:  Connection id: ";
    const auto found = text.find(label);
    ASSERT_NE(found, std::string::npos) << text;
    const auto id = text.substr(found + label.size(), 8);
    EXPECT_THAT(log(), HasSubstr(" level=warning component=cloud message=\"A client was refused\" "
                                 "connection_id=" +
                                 id + " user=admin sqlstate=08006 "));
}

TEST_F(DsqlSession, LinesOfASessionNameItsPostgresqlProcess)
{
    auto connection = admin();
    const auto pid = connection.run("SELECT pg_backend_pid()");
    EXPECT_EQ(pid, std::to_string(PQbackendPID(connection.get())));
    connection.run("TRUNCATE t");
    EXPECT_THAT(log(), HasSubstr(" user=admin backend_pid=" + pid +
                                 " sqlstate=0A000 reason=\"unsupported statement: Truncate\""));
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
    for (const auto* unknown : {"nobody", "nimbus", "pg_monitor"}) {
        EXPECT_THAT(refusal(connect_only, unknown), HasSubstr(denied));
        EXPECT_THAT(log(), HasSubstr("user=" + std::string(unknown) + " sqlstate=08P01"));
    }

    const auto key = application("mapped");
    EXPECT_THAT(refusal(connect_only, "lambda_mapped"), HasSubstr(denied));
    EXPECT_THAT(log(), HasSubstr("user=lambda_mapped sqlstate=28000"));
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

} // namespace
} // namespace nimbus::local::dsql
