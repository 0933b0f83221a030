#pragma once

#include "base/test_log.h"
#include "base/text.h"
#include "local/dsql/test_cluster.h"

#include <functional>
#include <memory>

namespace nimbus::local::dsql::testing_cluster {

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
        context.log = log_.log();
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

    /// All lines of the log.
    std::string log() const { return join(log_.lines(), "\n"); }

    static inline std::unique_ptr<Shared> shared_;
    TestLog log_;
    std::unique_ptr<Listener> listener_;
};

inline constexpr const char* denied = "unable to accept connection, access denied";

} // namespace nimbus::local::dsql::testing_cluster
