#pragma once

#include "base/error.h"
#include "base/file.h"
#include "crypto/certificate.h"
#include "local/dsql/session.h"
#include "process/child_process.h"
#include "sigv4/sigv4.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <set>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>

/// A DSQL cluster for tests: a PostgreSQL of its own, a loopback listener, an IAM made up.
namespace nimbus::local::dsql::testing_cluster {

inline constexpr const char* account = "111122223333";
inline constexpr const char* cluster_id = "abcdefghijklmnopqrstuvwxyz";
inline constexpr const char* region = "us-east-1";

inline std::filesystem::path postgres_programs()
{
    for (const char* path :
         {"/usr/lib/postgresql/16/bin", "/usr/local/lib/nimbus/postgresql/16/bin",
          "/usr/lib/postgresql/15/bin"})
        if (std::filesystem::exists(std::filesystem::path(path) / "initdb"))
            return path;
    return {};
}

/// An IAM whose keys and roles a test makes up.
class FakeAccess : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string& id) override
    {
        const std::lock_guard lock(mutex_);
        const auto found = keys_.find(id);
        return found == keys_.end() ? std::nullopt : std::optional(found->second);
    }
    Decision authorize(const Principal& principal, const std::string& action,
                       const std::string& resource, const ConditionContext&,
                       const std::string&) override
    {
        const std::lock_guard lock(mutex_);
        if (allowed_.contains({principal.unique_id, action}))
            return {.allowed = true};
        return {.explanation =
                    "User: " + principal.arn + " is not authorized to perform: " + action +
                    " on resource: " + resource + " because no identity-based policy allows the " +
                    action + " action"};
    }
    std::optional<std::string> unique_id_of(const std::string& arn) override
    {
        const std::lock_guard lock(mutex_);
        const auto found = ids_.find(arn);
        return found == ids_.end() ? std::nullopt : std::optional(found->second);
    }
    AccessKey assume_role_for_service(const std::string&, const std::string&, const std::string&,
                                      std::chrono::seconds) override
    {
        return {};
    }

    static std::string arn(const std::string& role)
    {
        return std::string("arn:aws:iam::") + account + ":role/path/" + role;
    }
    /// A role with a session's key, which may do `actions`. Making it again changes its id.
    AccessKey make_role(const std::string& name, const std::set<std::string>& actions,
                        const std::string& owner = account)
    {
        const std::lock_guard lock(mutex_);
        const auto id = "AROA" + std::to_string(++count_);
        ids_[arn(name)] = id;
        for (const auto& action : actions)
            allowed_.insert({id, action});
        AccessKey key{.access_key_id = "ASIA" + std::to_string(count_),
                      .secret_access_key = "secret" + std::to_string(count_),
                      .session_token = "session+/=" + std::to_string(count_),
                      .principal = {.kind = Principal::Kind::assumed_role,
                                    .account_id = owner,
                                    .arn = "arn:aws:sts::" + owner + ":assumed-role/" + name + "/s",
                                    .identity_arn = arn(name),
                                    .unique_id = id,
                                    .user_id = id + ":s"}};
        keys_[key.access_key_id] = key;
        return key;
    }
    void set_expiry(const AccessKey& key, SystemTime expires)
    {
        const std::lock_guard lock(mutex_);
        keys_[key.access_key_id].expires = expires;
    }

private:
    std::mutex mutex_;
    std::map<std::string, AccessKey> keys_;
    std::map<std::string, std::string> ids_;
    std::set<std::pair<std::string, std::string>> allowed_;
    int count_ = 0;
};

/// A PostgreSQL on a Unix socket alone.
class Postgres {
public:
    explicit Postgres(std::filesystem::path programs) : programs_(std::move(programs))
    {
        if (::geteuid() == 0) {
            identity_ = process::unprivileged_identity();
            if (::chown(directory_.path().c_str(), identity_->uid, identity_->gid) != 0)
                throw_system_error(errno, "giving away the directory");
        }
        run({"initdb", "-D", data(), "-U", "nimbus", "-A", "trust", "--no-sync", "--locale=C", "-E",
             "UTF8"});
        run({"pg_ctl", "-D", data(), "-w", "-l", directory_.path() / "log", "-o",
             "-c listen_addresses='' -c unix_socket_directories='" + directory_.path().string() +
                 "' -c fsync=off -c timezone=UTC",
             "start"});
    }
    ~Postgres() { run({"pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop"}); }
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    std::filesystem::path socket() const { return directory_.path() / ".s.PGSQL.5432"; }

private:
    std::filesystem::path data() const { return directory_.path() / "data"; }

    void run(std::vector<std::string> arguments)
    {
        arguments[0] = programs_ / arguments[0];
        auto child = process::ChildProcess::spawn({.arguments = arguments,
                                                   .working_directory = directory_.path(),
                                                   .standard_output = process::Stream::null,
                                                   .identity = identity_});
        const auto status = child.wait(Deadline::after(std::chrono::seconds{60}));
        if (!status || !status->success())
            ADD_FAILURE() << arguments[0] << ": " << (status ? status->text() : "still runs");
    }

    std::filesystem::path programs_;
    TemporaryDirectory directory_;
    std::optional<process::Identity> identity_;
};

/// Accepts connections on a port of its own and serves each on a thread.
class Listener {
public:
    Listener(SessionContext context, const crypto::CertificateAndKey& authority,
             const std::filesystem::path& ca_file)
        : context_(std::move(context)), tls_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free)
    {
        write_file(ca_file, authority.certificate_pem);
        const auto own = crypto::issue_server_certificate(
            authority, "cluster",
            {.dns = {std::string(cluster_id) + ".dsql.us-east-1.on.aws", "localhost"},
             .ip = {"127.0.0.1"}},
            std::chrono::days{1});
        use(own);
        prepare_tls(tls_.get());
        context_.tls = tls_.get();

        socket_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (::bind(socket_.get(), generic, size) != 0 || ::listen(socket_.get(), 64) != 0 ||
            ::getsockname(socket_.get(), generic, &size) != 0)
            throw_system_error(errno, "listening");
        port_ = ntohs(address.sin_port);
        stop_ = UniqueFd(::eventfd(0, EFD_CLOEXEC));
        acceptor_ = std::thread([this] { accept(); });
    }
    ~Listener()
    {
        stop();
        ::shutdown(socket_.get(), SHUT_RDWR);
        acceptor_.join();
        for (auto& thread : threads_)
            thread.join();
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const { return port_; }
    void stop() { ::eventfd_write(stop_.get(), 1); }

private:
    void use(const crypto::CertificateAndKey& own)
    {
        const auto open = [](const std::string& pem) {
            return std::unique_ptr<BIO, decltype(&BIO_free)>(
                BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
        };
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(
            PEM_read_bio_X509(open(own.certificate_pem).get(), nullptr, nullptr, nullptr),
            X509_free);
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
            PEM_read_bio_PrivateKey(open(own.private_key_pem).get(), nullptr, nullptr, nullptr),
            EVP_PKEY_free);
        SSL_CTX_use_certificate(tls_.get(), certificate.get());
        SSL_CTX_use_PrivateKey(tls_.get(), key.get());
    }

    void accept()
    {
        for (;;) {
            UniqueFd client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client)
                return;
            threads_.emplace_back([this, fd = client.release()] {
                serve_session(UniqueFd(fd), context_, stop_.get(), [] {});
            });
        }
    }

    SessionContext context_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_;
    UniqueFd socket_;
    UniqueFd stop_;
    std::uint16_t port_ = 0;
    std::deque<std::thread> threads_;
    std::thread acceptor_;
};

inline SessionContext context_for(const Postgres& postgres, AccessControl& access)
{
    SessionContext context{.cluster = {.id = cluster_id,
                                       .arn = std::string("arn:aws:dsql:") + region + ':' +
                                              account + ":cluster/" + cluster_id,
                                       .region = region,
                                       .address = "127.0.0.1"},
                           .socket_path = postgres.socket(),
                           .superuser = "nimbus",
                           .access = &access};
    context.contention->use(context.socket_path, context.superuser);
    return context;
}

inline std::string token_for(const AccessKey& key, const std::string& action,
                             std::chrono::seconds expires = std::chrono::seconds{900},
                             const std::string& host = "127.0.0.1", SystemTime now = system_now())
{
    return sigv4::dsql_token(host, action,
                             {key.access_key_id, key.secret_access_key, key.session_token}, region,
                             expires, now);
}

/// A client's connection, by libpq.
class Connection {
public:
    explicit Connection(const std::string& conninfo)
        : connection_(PQconnectdb(conninfo.c_str()), PQfinish)
    {
    }

    PGconn* get() const { return connection_.get(); }
    bool ok() const { return PQstatus(get()) == CONNECTION_OK; }
    std::string error() const { return PQerrorMessage(get()); }

    /// "<tag>", rows as "a|b\n…", or "<SQLSTATE> <message>".
    std::string run(const std::string& sql)
    {
        PQsendQuery(get(), sql.c_str());
        return answer();
    }
    std::string run_extended(const std::string& sql, const std::vector<std::string>& values = {})
    {
        std::vector<const char*> pointers;
        for (const auto& value : values)
            pointers.push_back(value.c_str());
        PQsendQueryParams(get(), sql.c_str(), static_cast<int>(pointers.size()), nullptr,
                          pointers.data(), nullptr, nullptr, 0);
        return answer();
    }
    /// To what was sent: the last result, or the first error. PQexec gives the last error: of a
    /// connection that ends, only that it did.
    std::string answer()
    {
        std::string text = "no result";
        bool is_over = false;
        while (PGresult* result = PQgetResult(get())) {
            const auto status = PQresultStatus(result);
            auto current = text_of(result);
            if (!is_over)
                text = std::move(current);
            is_over = is_over || status == PGRES_FATAL_ERROR;
            if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
                break;
        }
        return text;
    }

    static std::string text_of(PGresult* raw)
    {
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(raw, PQclear);
        if (!result)
            return "no result";
        switch (PQresultStatus(result.get())) {
        case PGRES_COMMAND_OK:
            return PQcmdStatus(result.get());
        case PGRES_TUPLES_OK: {
            std::string text;
            for (int row = 0; row < PQntuples(result.get()); ++row) {
                text += row > 0 ? "\n" : "";
                for (int column = 0; column < PQnfields(result.get()); ++column)
                    text += (column > 0 ? "|" : "") +
                            std::string(PQgetvalue(result.get(), row, column));
            }
            return text;
        }
        case PGRES_FATAL_ERROR: {
            const char* code = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
            const char* message = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
            return std::string(code ? code : "?") + ' ' +
                   (message ? message : PQresultErrorMessage(result.get()));
        }
        default:
            return PQresStatus(PQresultStatus(result.get()));
        }
    }

private:
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

} // namespace nimbus::local::dsql::testing_cluster
