#include "deploy/kinds/sql/sql_session.h"

#include "base/ca_bundle.h"
#include "base/hosts_file.h"
#include "base/number.h"
#include "base/text.h"
#include "deploy/kinds/sql/pq_library.h"
#include "sigv4/sigv4.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <thread>

namespace nimbus::deploy::sql {
namespace {

constexpr std::chrono::seconds token_lifetime{900};
constexpr std::chrono::seconds default_limit{60};
/// Nobody listens: it may be starting.
constexpr std::chrono::seconds refused_limit{5};
constexpr std::chrono::milliseconds first_pause{50};
constexpr std::chrono::milliseconds longest_pause{2'000};

struct CloseConnection {
    void operator()(PGconn* connection) const { pq().finish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

struct ClearResult {
    void operator()(PGresult* result) const { pq().clear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

bool is_ip_address(const std::string& host)
{
    return host.find_first_not_of("0123456789.") == std::string::npos ||
           host.find(':') != std::string::npos;
}

std::string token_for(const SqlSession::Options& options)
{
    const auto* action = options.user == "admin" ? "DbConnectAdmin" : "DbConnect";
    return sigv4::dsql_token(options.endpoint, action, options.credentials.keys, options.region,
                             token_lifetime, system_now());
}

/// libpq's messages have several lines.
std::string one_line(std::string_view message)
{
    std::string result;
    for (const auto line : split(message, '\n')) {
        const auto text = trim(line);
        if (!text.empty())
            result += (result.empty() ? "" : "; ") + std::string(text);
    }
    return result;
}

Connection start(const SqlSession::Options& options)
{
    const auto password = token_for(options);
    const auto root = SqlSession::ca_file_or_system(options.ca_file);
    const auto address = is_ip_address(options.endpoint)
                             ? options.endpoint
                             : find_host(options.hosts_file, options.endpoint).value_or("");
    const std::array keywords{"host",
                              "hostaddr",
                              "port",
                              "dbname",
                              "user",
                              "password",
                              "sslmode",
                              "sslrootcert",
                              "gssencmode",
                              "application_name",
                              "client_encoding",
                              "keepalives_idle",
                              "tcp_user_timeout",
                              static_cast<const char*>(nullptr)};
    const std::array values{options.endpoint.c_str(),
                            address.c_str(),
                            "5432",
                            "postgres",
                            options.user.c_str(),
                            password.c_str(),
                            "verify-full",
                            root.c_str(),
                            "disable",
                            "nimbus",
                            "UTF8",
                            "30",
                            "60000",
                            static_cast<const char*>(nullptr)};
    Connection connection(pq().connect_start_params(keywords.data(), values.data(), 0));
    if (!connection)
        throw std::bad_alloc();
    return connection;
}

/// Waits until the connection is made or has failed; false when the deadline came first.
bool finish_connecting(PGconn* connection, const Deadline& deadline)
{
    for (auto state = PGRES_POLLING_WRITING;;) {
        if (pq().status(connection) == CONNECTION_BAD || state == PGRES_POLLING_FAILED ||
            state == PGRES_POLLING_OK)
            return true;
        pollfd ready{.fd = pq().socket(connection),
                     .events =
                         static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                     .revents = 0};
        const int count = ::poll(&ready, 1, static_cast<int>(deadline.remaining().count()));
        if (count < 0 && errno != EINTR)
            return true;
        if (count == 0 && deadline.reached())
            return false;
        if (count > 0)
            state = pq().connect_poll(connection);
    }
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts)
{
    return std::ranges::any_of(
        parts, [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

/// Failures that pass: a cluster that wakes up or is busy, a name that DNS does not know yet.
bool is_passing(const std::string& lower_message, const SqlSession::Options& options)
{
    const bool is_name_to_come = options.hosts_file.empty() &&
                                 contains_any(lower_message, {"could not translate host name"});
    return is_name_to_come ||
           contains_any(lower_message, {"waking up cluster", "too many open connections",
                                        "rate exceeded", "timeout expired", "connection reset",
                                        "server closed the connection unexpectedly",
                                        "no route to host", "is starting up"});
}

std::string hint_for(const std::string& lower_message, const SqlSession::Options& options)
{
    const bool is_denied = contains_any(lower_message, {"access denied"});
    if (is_denied && options.injected_fault)
        if (auto fault = options.injected_fault(SqlSession::login_fault); !fault.empty())
            return fault;
    if (is_denied)
        return options.user == "admin"
                   ? "The credentials need the permission dsql:DbConnectAdmin on the cluster."
                   : "The credentials need dsql:DbConnect on the cluster, and their IAM role a "
                     "mapping to " +
                         options.user + ": 'nimbus deploy' creates it.";
    if (contains_any(lower_message, {"certificate"}))
        return "The cluster's certificate must come from the certificate authority of the "
               "target.";
    if (contains_any(lower_message, {"connection refused", "could not translate host name"}))
        return "'nimbus status' shows whether the cluster still exists.";
    return {};
}

Connection connect(const SqlSession::Options& options)
{
    const auto start_time = Deadline::SteadyClock::now();
    const auto deadline = options.deadline.when() == Deadline::never().when()
                              ? Deadline::after(default_limit)
                              : options.deadline;
    auto pause = first_pause;
    for (;;) {
        auto connection = start(options);
        std::string message = "no answer in time";
        if (finish_connecting(connection.get(), deadline)) {
            if (pq().status(connection.get()) == CONNECTION_OK)
                return connection;
            message = one_line(pq().error_message(connection.get()));
        }
        const auto lower = to_lower(message);
        const bool is_refused = contains_any(lower, {"connection refused"}) &&
                                Deadline::SteadyClock::now() - start_time < refused_limit;
        if (deadline.reached() || !(is_passing(lower, options) || is_refused))
            throw Error("Cannot connect to the database at " + options.endpoint + " as " +
                            options.user + ": " + message,
                        hint_for(lower, options));
        std::this_thread::sleep_for(std::min(pause, deadline.remaining()));
        pause = std::min(pause * 2, longest_pause);
    }
}

std::string field(const PGresult* result, int code)
{
    const char* text = pq().result_error_field(result, code);
    return text == nullptr ? std::string() : text;
}

[[noreturn]] void throw_failure(PGconn* connection, const PGresult* result)
{
    auto message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty())
        message = one_line(pq().error_message(connection));
    if (const auto detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty())
        message += " (" + detail + ")";
    const auto sqlstate = field(result, PG_DIAG_SQLSTATE);
    const auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    // libpq's own failures have no SQLSTATE. 57Pxx: the server shuts down.
    const bool ends_session = sqlstate.empty() || severity == "FATAL" || severity == "PANIC" ||
                              sqlstate.starts_with("57P");
    throw SqlFailure(
        sqlstate, message, field(result, PG_DIAG_MESSAGE_HINT),
        parse_number<std::size_t>(field(result, PG_DIAG_STATEMENT_POSITION)).value_or(0),
        ends_session);
}

SqlSession::Result to_result(const PGresult* handle)
{
    SqlSession::Result result;
    const int columns = pq().field_count(handle);
    for (int column = 0; column < columns; ++column)
        result.columns.emplace_back(pq().field_name(handle, column));
    for (int row = 0; row < pq().row_count(handle); ++row) {
        auto& values = result.rows.emplace_back();
        for (int column = 0; column < columns; ++column) {
            if (pq().is_null(handle, row, column) != 0)
                values.emplace_back();
            else
                values.emplace_back(
                    std::string(pq().value(handle, row, column),
                                static_cast<std::size_t>(pq().value_length(handle, row, column))));
        }
    }
    result.command_tag =
        pq().command_status(const_cast<PGresult*>(handle)); // its own signature lacks const
    return result;
}

bool is_success(const PGresult* result)
{
    const auto status = pq().result_status(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

} // namespace

SqlFailure::SqlFailure(std::string sqlstate, const std::string& message, std::string hint,
                       std::size_t position, bool ends_session)
    : Error(message, std::move(hint)), sqlstate_(std::move(sqlstate)), position_(position),
      ends_session_(ends_session)
{
}

struct SqlSession::Impl {
    Connection connection;
};

SqlSession::SqlSession(const Options& options)
    : impl_(std::make_unique<Impl>(Impl{connect(options)}))
{
    // Notices would go to standard error.
    pq().set_notice_processor(impl_->connection.get(), [](void*, const char*) {}, nullptr);
}

SqlSession::~SqlSession() = default;
SqlSession::SqlSession(SqlSession&&) noexcept = default;
SqlSession& SqlSession::operator=(SqlSession&&) noexcept = default;

SqlSession::Description SqlSession::describe(const std::string& statement)
{
    auto* connection = impl_->connection.get();
    const ResultHandle prepared(pq().prepare(connection, "", statement.c_str(), 0, nullptr));
    if (!prepared || !is_success(prepared.get()))
        throw_failure(connection, prepared.get());
    const ResultHandle result(pq().describe_prepared(connection, ""));
    if (!result || !is_success(result.get()))
        throw_failure(connection, result.get());
    Description description;
    for (int i = 0; i < pq().parameter_count(result.get()); ++i)
        description.parameters.push_back(pq().parameter_type(result.get(), i));
    for (int i = 0; i < pq().field_count(result.get()); ++i)
        description.columns.push_back({.name = pq().field_name(result.get(), i),
                                       .type = pq().field_type(result.get(), i),
                                       .table = pq().field_table(result.get(), i),
                                       .number = pq().field_table_column(result.get(), i)});
    return description;
}

SqlSession::Result SqlSession::query(const std::string& statement,
                                     const std::vector<std::string>& parameters)
{
    std::vector<const char*> values;
    for (const auto& parameter : parameters)
        values.push_back(parameter.c_str());
    auto* connection = impl_->connection.get();
    const ResultHandle result(pq().exec_params(connection, statement.c_str(),
                                               static_cast<int>(values.size()), nullptr,
                                               values.data(), nullptr, nullptr, 0));
    if (!result || !is_success(result.get()))
        throw_failure(connection, result.get());
    return to_result(result.get());
}

std::vector<SqlSession::Result> SqlSession::run(const std::string& statements)
{
    auto* connection = impl_->connection.get();
    if (pq().send_query(connection, statements.c_str()) == 0)
        throw_failure(connection, nullptr);
    std::vector<Result> results;
    ResultHandle failed;
    while (ResultHandle result{pq().get_result(connection)}) {
        const auto status = pq().result_status(result.get());
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            throw SqlFailure("0A000", "COPY to or from the client is not supported here",
                             "Use psql for it.");
        if (is_success(result.get()))
            results.push_back(to_result(result.get()));
        else
            failed = std::move(result);
    }
    if (failed)
        throw_failure(connection, failed.get());
    return results;
}

std::string SqlSession::ca_file_or_system(const std::filesystem::path& ca_file)
{
    if (!ca_file.empty())
        return ca_file.string();
    // As libpq itself, which a file that is given to it keeps from looking there.
    if (const char* named = std::getenv("PGSSLROOTCERT"); named != nullptr && *named != '\0')
        return named;
    if (const auto file = system_ca_bundle())
        return file->string();
    throw Error("There is no file with the system's certificate authorities",
                "Install the package ca-certificates.");
}

} // namespace nimbus::deploy::sql
