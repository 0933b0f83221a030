#include "local/dsql/session.h"

#include "base/arn.h"
#include "base/assert.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/conversation.h"
#include "local/dsql/database_connection.h"
#include "local/dsql/handshake.h"
#include "local/dsql/relay.h"
#include "local/dsql/settings.h"
#include "local/dsql/token.h"
#include "pgwire/backend.h"

#include <csignal>

namespace nimbus::local::dsql {
namespace {

constexpr std::chrono::seconds time_to_log_in{15};
constexpr std::chrono::seconds time_to_say_goodbye{1};
constexpr std::size_t id_bytes = 4; ///< of a connection's id: 8 digits
/// A token is at most about 2 KB; what is far longer is no token.
constexpr std::size_t max_password_message = 64 * 1024;
/// What clients are told; see the bootstrap's sys.current_setting.
constexpr std::string_view server_version = "16.15";

/// What waits for a lock has others make way: see Contention. statement_timeout is DSQL's longest
/// transaction. Plans have no bitmaps of a heap, which DSQL does not have.
constexpr std::string_view session_options =
    "-c default_transaction_isolation=repeatable\\ read "
    "-c statement_timeout=300000 -c timezone=UTC -c jit=off -c enable_bitmapscan=off";

/// DSQL's words where nobody knows what has become of a transaction.
Refusal server_unavailable()
{
    return {.sqlstate = sqlstate::internal_error, .message = "server unavailable"};
}

std::string arn_pattern_refusal(const std::string& arn)
{
    const auto parsed = Arn::parse(arn);
    const bool good =
        parsed && parsed->partition.starts_with("aws") && parsed->service == "iam" &&
        parsed->region.empty() && parsed->account.size() == 12 &&
        (parsed->resource.starts_with("role/") || parsed->resource.starts_with("user/")) &&
        !parsed->resource.contains(':');
    return good ? "" : "IAM role must look like an IAM ARN";
}

std::string_view name_of(Relay::End end)
{
    switch (end) {
    case Relay::End::client:
        return "the client left";
    case Relay::End::database:
        return "PostgreSQL ended it";
    case Relay::End::time:
        return "a connection's longest duration was over";
    case Relay::End::stop:
        return "the cluster stops";
    case Relay::End::fault:
        return "a fault on demand";
    }
    return {};
}

ConversationOptions with_backstage(ConversationOptions options, Backstage& backstage)
{
    options.backstage = &backstage;
    return options;
}

/// What serves a client that has logged in.
struct Service {
    Service(Channel& client, Buffer& received, DatabaseConnection& database,
            const SessionContext& context, int stop_fd, ConversationOptions options)
        : backstage(database, *context.contention),
          conversation(with_backstage(std::move(options), backstage)),
          relay(client, received, database, backstage, conversation, stop_fd)
    {
    }

    DatabaseBackstage backstage;
    Conversation conversation;
    Relay relay;
};

/// A session's login and its end; what lies between is Relay's.
class Session {
public:
    Session(UniqueFd client, const SessionContext& context, int stop_fd)
        : context_(context), id_(hex_encode(random_bytes(id_bytes))),
          log_(context.log.with({{"connection_id", id_}})), stop_fd_(stop_fd),
          deadline_(Deadline::after(context.max_duration)), client_(std::move(client), stop_fd)
    {
        NIMBUS_ASSERT(context.access != nullptr && context.tls != nullptr &&
                          !context.cluster.address.empty(),
                      "sessions are served when the cluster is ready");
    }

    void run(const LoggedIn& logged_in)
    {
        try {
            if (log_in(Deadline::after(time_to_log_in))) {
                logged_in();
                serve();
            }
        } catch (const Stopped&) {
            say_goodbye({.sqlstate = sqlstate::admin_shutdown,
                         .message = "terminating connection due to administrator command"});
        } catch (const TimedOut&) {
            log_.warning("A client did not log in in time");
        } catch (const pgwire::TooLong&) {
            refuse({.sqlstate = sqlstate::protocol_violation, .message = "invalid message length"});
        } catch (const pgwire::Malformed& failure) {
            refuse({.sqlstate = sqlstate::protocol_violation, .message = failure.what()});
        } catch (const ReadsDiffer& failure) {
            log_.error("A session was ended", {{"reason", failure.what()}});
            say_goodbye({.sqlstate = sqlstate::internal_error, .message = failure.what()});
        } catch (const ChannelClosed& closed) {
            // The client changed its mind.
            log_.debug("A client left before it was logged in", {{"reason", closed.what()}});
        } catch (const std::exception& failure) {
            log_.error("A session failed", {{"reason", failure.what()}});
            say_goodbye(server_unavailable());
        }
        client_.shut_down();
    }

private:
    bool log_in(const Deadline& deadline);
    std::string read_password(const Deadline& deadline);
    std::optional<Refusal> check_cluster(const StartupWishes& wishes) const;
    std::optional<Refusal> admit(const StartupWishes& wishes, const Principal& principal,
                                 const Deadline& deadline);
    std::optional<Refusal> open_database(const StartupWishes& wishes, const Principal& principal,
                                         const Deadline& deadline);
    std::optional<Refusal> check_mapping(const Principal& principal, const Deadline& deadline);
    void welcome(const Deadline& deadline);
    void serve();
    std::expected<std::string, Refusal> iam_statement(const IamChange& change) const;

    /// Logs the refusal and tells the client.
    void refuse(const Refusal& refusal)
    {
        log(LogLevel::warning, "A client was refused", refusal);
        say_goodbye(refusal);
    }

    void log(LogLevel level, std::string_view message, const Refusal& refusal) const
    {
        // What is wrong in a text is told by parts of it: statements stay out of the log.
        const bool quotes_statement = refusal.sqlstate == sqlstate::syntax_error;
        log_.write(level, message,
                   {{"sqlstate", refusal.sqlstate},
                    {"reason", quotes_statement ? "a syntax error" : refusal.message},
                    {"hint", refusal.hint}});
    }

    /// Whatever ends a session, its client learns why, before its connection ends.
    void say_goodbye(const Refusal& refusal) noexcept
    {
        const auto deadline = Deadline::after(time_to_say_goodbye);
        try {
            if (service_ && !service_->relay.finish(deadline))
                return;
            pgwire::BackendWriter writer;
            writer.error(
                {.severity = "FATAL",
                 .sqlstate = refusal.sqlstate,
                 .message = refusal.message,
                 .detail = refusal.detail.empty() ? "Connection id: " + id_ : refusal.detail,
                 .hint = refusal.hint});
            client_.write(writer.bytes(), deadline);
            client_.drain(deadline);
        } catch (const std::exception&) {
            // It does not listen.
        }
    }
    /// The server has said why.
    void pass_goodbye() noexcept
    {
        const auto deadline = Deadline::after(time_to_say_goodbye);
        try {
            service_->relay.finish(deadline);
            client_.drain(deadline);
        } catch (const std::exception&) {
            // As above.
        }
    }

    const SessionContext& context_;
    std::string id_; ///< of the connection: in the log, and in what the client is told at its end
    Log log_;
    int stop_fd_;
    Deadline deadline_;
    Channel client_;
    Buffer received_;
    std::string user_;
    std::optional<DatabaseConnection> database_;
    std::optional<Service> service_;
};

bool Session::log_in(const Deadline& deadline)
{
    Handshake handshake(client_, received_, context_.tls, [this](std::string_view body) {
        cancel_statement(context_.socket_path, pgwire::cancel_key(body));
    });
    auto result = handshake.run(deadline);
    if (!result) {
        refuse(result.error());
        return false;
    }
    if (!result->wishes)
        return false;
    const auto& wishes = *result->wishes;
    user_ = wishes.user.substr(0, 63);
    log_ = log_.with({{"user", user_}});
    if (auto refusal = check_cluster(wishes)) {
        refuse(*refusal);
        return false;
    }
    pgwire::BackendWriter question;
    question.authentication_cleartext_password();
    client_.write(question.bytes(), deadline);
    const auto token = read_password(deadline);
    const auto principal =
        verify_token(token, wishes.user, context_.cluster, *context_.access, context_.clock());
    auto refusal =
        principal ? admit(wishes, *principal, deadline) : std::optional(principal.error());
    if (refusal) {
        refuse(*refusal);
        return false;
    }
    welcome(deadline);
    log_ = log_.with({{"backend_pid", database_->cancel_key().process_id}});
    log_.debug("A session began", {{"principal", principal->arn}});
    return true;
}

std::string Session::read_password(const Deadline& deadline)
{
    for (;;) {
        if (const auto message = pgwire::first_message(received_.view(), max_password_message)) {
            if (message->type != pgwire::frontend::password)
                throw pgwire::Malformed("expected password response, got message type " +
                                        std::to_string(static_cast<unsigned char>(message->type)));
            pgwire::Reader body(message->body);
            std::string password(body.text());
            if (!body.at_end())
                throw pgwire::Malformed("invalid password packet size");
            received_.take(message->size());
            return password;
        }
        client_.read(received_, deadline);
    }
}

/// A client that names a cluster must name this one.
std::optional<Refusal> Session::check_cluster(const StartupWishes& wishes) const
{
    const auto& cluster = context_.cluster;
    if (const auto name = client_.server_name();
        !name.empty() && name != cluster.address && !iequals(split(name, '.').front(), cluster.id))
        return access_denied("The server name " + name + " is not this cluster's");
    if (!wishes.cluster_id.empty() && wishes.cluster_id != cluster.id)
        return access_denied("The cluster " + wishes.cluster_id + " is not at this address");
    if (wishes.user.empty())
        return Refusal{.sqlstate = sqlstate::invalid_authorization,
                       .message = "no PostgreSQL user name specified in startup packet"};
    return std::nullopt;
}

/// The token is good. Whether that is enough depends on the database, and on faults on demand.
std::optional<Refusal> Session::admit(const StartupWishes& wishes, const Principal& principal,
                                      const Deadline& deadline)
{
    if (context_.faults->strikes(Fault::expired_token, log_)) {
        const auto now = context_.clock();
        return token_expired(now - std::chrono::seconds{1}, now);
    }
    return open_database(wishes, principal, deadline);
}

std::optional<Refusal> Session::open_database(const StartupWishes& wishes,
                                              const Principal& principal, const Deadline& deadline)
{
    // A role that is not mapped is 28000. AWS's own connector for asyncpg expects a violation of
    // the protocol for one that is not there.
    auto unknown_role = access_denied("");
    unknown_role.sqlstate = sqlstate::protocol_violation;
    if (wishes.user == context_.superuser)
        return unknown_role;
    if (wishes.database != default_database)
        return Refusal{.sqlstate = sqlstate::invalid_catalog_name,
                       .message = "database \"" + wishes.database + "\" does not exist"};
    Parameters parameters{{"user", wishes.user},
                          {"database", context_.database},
                          {"client_encoding", "UTF8"},
                          {"options", std::string(session_options)}};
    parameters.insert(parameters.end(), wishes.settings.begin(), wishes.settings.end());
    Refusal asleep{.sqlstate = sqlstate::cannot_connect_now,
                   .message = "unable to accept connection, waking up cluster, please retry later"};
    try {
        // The role itself logs in, so that nothing which it says later can make it another one.
        auto connection =
            DatabaseConnection::open(context_.socket_path, parameters, stop_fd_, deadline);
        if (!connection) {
            const auto& refusal = connection.error();
            return refusal.sqlstate == sqlstate::invalid_authorization ? unknown_role
                   : is_shutdown(refusal)                              ? asleep
                                                                       : refusal;
        }
        database_.emplace(*std::move(connection));
        for (const auto& [name, value] : database_->statuses())
            if (!fits_the_parser(name, value))
                throw ReadsDiffer(name);
        if (wishes.user == admin_user)
            return std::nullopt;
        return check_mapping(principal, deadline);
    } catch (const ChannelClosed& failure) {
        log_.error("PostgreSQL cannot be reached", {{"reason", failure.what()}});
        return asleep;
    }
}

std::optional<Refusal> Session::check_mapping(const Principal& principal, const Deadline& deadline)
{
    const auto mapped =
        database_->run("SELECT sys.nimbus_may_connect(" + quote_literal(principal.identity_arn) +
                           ", " + quote_literal(principal.unique_id) + ")",
                       deadline);
    if (mapped && *mapped == "t")
        return std::nullopt;
    auto refusal = access_denied("");
    refusal.sqlstate = sqlstate::invalid_authorization;
    log_.warning("The database role is not granted to the caller", {{"principal", principal.arn}});
    return refusal;
}

void Session::welcome(const Deadline& deadline)
{
    NIMBUS_ASSERT(client_.is_tls() && database_, "nobody is welcomed outside of TLS");
    pgwire::BackendWriter writer;
    writer.authentication_ok();
    for (const auto& [name, value] : database_->statuses())
        writer.parameter_status(name, name == "server_version" ? server_version
                                                               : std::string_view(value));
    const auto& key = database_->cancel_key();
    writer.backend_key_data(key.process_id, key.secret_key);
    writer.ready_for_query(pgwire::TransactionStatus::idle);
    client_.write(writer.bytes(), deadline);
}

void Session::serve()
{
    NIMBUS_ASSERT(database_ && !user_.empty(), "who is served has logged in");
    service_.emplace(
        client_, received_, *database_, context_, stop_fd_,
        ConversationOptions{
            .iam_statement = [this](const IamChange& change) { return iam_statement(change); },
            .faults = FaultPoint(context_.faults, log_),
            .clock = context_.clock,
            .refused =
                [this](const Refusal& refusal) {
                    log(LogLevel::info, "A statement was refused", refusal);
                }});
    const auto end = service_->relay.run(deadline_);
    log_.debug("A session ended", {{"reason", name_of(end)}});
    switch (end) {
    case Relay::End::client:
    case Relay::End::fault: // as at the end of a connection's longest duration
        if (service_->conversation.busy())
            cancel_statement(context_.socket_path, database_->cancel_key());
        return;
    case Relay::End::time: // DSQL says nothing, either
        return;
    case Relay::End::stop:
        throw Stopped();
    case Relay::End::database:
        log_.warning("PostgreSQL ended a session");
        if (service_->conversation.ended())
            pass_goodbye();
        else
            say_goodbye(server_unavailable());
        return;
    }
}

std::expected<std::string, Refusal> Session::iam_statement(const IamChange& change) const
{
    if (user_ != admin_user)
        return std::unexpected(
            Refusal{.sqlstate = sqlstate::insufficient_privilege,
                    .message = "permission denied to grant IAM trust with role " + change.role});
    if (!change.grant)
        return "CALL sys.nimbus_iam_revoke(" + quote_literal(change.role) + ", " +
               quote_literal(change.arn) + ")";
    if (auto message = arn_pattern_refusal(change.arn); !message.empty())
        return std::unexpected(
            Refusal{.sqlstate = sqlstate::invalid_parameter_value, .message = std::move(message)});
    const auto id = context_.access->unique_id_of(change.arn);
    if (!id)
        return std::unexpected(Refusal{.sqlstate = sqlstate::undefined_object,
                                       .message = "IAM role " + change.arn + " does not exist"});
    return "CALL sys.nimbus_iam_grant(" + quote_literal(change.role) + ", " +
           quote_literal(change.arn) + ", " + quote_literal(*id) + ")";
}

} // namespace

void serve_session(UniqueFd client, const SessionContext& context, int stop_fd,
                   const LoggedIn& logged_in) noexcept
{
    // OpenSSL writes to sockets without MSG_NOSIGNAL.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    try {
        Session(std::move(client), context, stop_fd).run(logged_in);
    } catch (const std::exception& failure) {
        try {
            context.log.error("A session failed", {{"reason", failure.what()}});
        } catch (...) {
            // There is no log, either.
        }
    }
}

} // namespace nimbus::local::dsql
