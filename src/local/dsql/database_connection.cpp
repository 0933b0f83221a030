#include "local/dsql/database_connection.h"

#include "base/file.h"
#include "base/sql_text.h"
#include "local/postgres/postgres_server.h"
#include "pgwire/backend.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>

namespace nimbus::local::dsql {
namespace {

namespace backend = pgwire::backend;

constexpr std::size_t max_message = 16 * 1024 * 1024;
/// A server that answers at all does so by then.
constexpr std::chrono::seconds time_to_synchronize{30};
/// Of our statements and portals between a client's.
constexpr std::string_view hidden_name = "nimbus_hidden";
/// In a Bind: no formats, no values, no formats of results.
constexpr std::string_view no_values("\0\0\0\0\0\0", 6);

UniqueFd connect_socket(const std::filesystem::path& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto& text = path.native();
    if (text.size() >= sizeof address.sun_path)
        throw ChannelClosed("the path of PostgreSQL's socket is too long: " + text);
    std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address))
        throw ChannelClosed("PostgreSQL cannot be reached: " +
                            std::generic_category().message(errno));
    return fd;
}

Refusal refusal_of(std::string_view body)
{
    auto fields = pgwire::error_fields(body);
    return {.sqlstate = std::move(fields.sqlstate),
            .message = std::move(fields.message),
            .detail = std::move(fields.detail),
            .hint = std::move(fields.hint)};
}

/// Hands each message to `take` until that returns true.
template <class Take>
void receive(Channel& channel, Buffer& received, const Deadline& deadline, Take take)
{
    for (;;) {
        const auto message = pgwire::first_message(received.view(), max_message);
        if (!message) {
            channel.read(received, deadline);
            continue;
        }
        const bool last = take(*message);
        received.take(message->size());
        if (last)
            return;
    }
}

} // namespace

std::expected<DatabaseConnection, Refusal>
DatabaseConnection::open(const std::filesystem::path& socket_path, const Parameters& parameters,
                         int stop_fd, const Deadline& deadline)
{
    using postgres::Server;
    // Without the file, the server is none of ours, and asks for nothing.
    const auto password =
        read_file_if_exists(socket_path.parent_path() / Server::password_file).value_or("");
    auto connection = log_in(socket_path, password, parameters, stop_fd, deadline);
    if (connection || connection.error().sqlstate != sqlstate::invalid_password)
        return connection;
    auto superuser = log_in(socket_path, password,
                            {{"user", Server::superuser},
                             {"database", "postgres"},
                             {"options", "-c search_path=pg_catalog"}},
                            stop_fd, deadline);
    if (!superuser)
        return superuser;
    const auto user = std::ranges::find(parameters, "user", &Parameters::value_type::first);
    const auto given =
        superuser->run("SET password_encryption = 'md5'; ALTER ROLE " +
                           quote_identifier(user->second) + " PASSWORD " + quote_literal(password),
                       deadline);
    if (!given && given.error().sqlstate == sqlstate::undefined_object)
        return std::unexpected(
            Refusal{.sqlstate = sqlstate::invalid_authorization, .message = given.error().message});
    // It may also have failed because somebody else did the same just now.
    return log_in(socket_path, password, parameters, stop_fd, deadline);
}

std::expected<DatabaseConnection, Refusal>
DatabaseConnection::log_in(const std::filesystem::path& socket_path, const std::string& password,
                           const Parameters& parameters, int stop_fd, const Deadline& deadline)
{
    DatabaseConnection connection(Channel(connect_socket(socket_path), stop_fd));
    const std::vector<std::pair<std::string_view, std::string_view>> views(parameters.begin(),
                                                                           parameters.end());
    pgwire::FrontendWriter startup;
    startup.startup(views);
    connection.channel_.write(startup.bytes(), deadline);

    std::optional<Refusal> refusal;
    receive(connection.channel_, connection.received_, deadline, [&](const auto& message) {
        switch (message.type) {
        case backend::authentication:
            switch (pgwire::authentication_kind(message.body)) {
            case pgwire::Authentication::ok:
                return false;
            case pgwire::Authentication::cleartext_password: {
                pgwire::FrontendWriter answer;
                answer.password(password);
                connection.channel_.write(answer.bytes(), deadline);
                return false;
            }
            }
            refusal = Refusal{.sqlstate = sqlstate::internal_error,
                              .message = "PostgreSQL asks for something else than a password"};
            return true;
        case backend::parameter_status: {
            const auto [name, value] = pgwire::parameter_status(message.body);
            connection.statuses_.emplace_back(name, value);
            return false;
        }
        case backend::backend_key_data:
            connection.cancel_key_ = pgwire::cancel_key(message.body);
            return false;
        case backend::error_response:
            refusal = refusal_of(message.body);
            return true;
        default:
            return message.type == backend::ready_for_query;
        }
    });
    if (refusal)
        return std::unexpected(*std::move(refusal));
    return connection;
}

std::expected<std::optional<std::string>, Refusal> DatabaseConnection::run(std::string_view text,
                                                                           const Deadline& deadline)
{
    pgwire::FrontendWriter query;
    query.query(text);
    channel_.write(query.bytes(), deadline);
    std::optional<Refusal> refusal;
    std::optional<std::string> value;
    receive(channel_, received_, deadline, [&](const auto& message) {
        if (message.type == backend::error_response) {
            refusal = refusal_of(message.body);
        } else if (message.type == backend::data_row) {
            const auto row = pgwire::data_row(message.body);
            value = !row.empty() && row[0] ? std::optional<std::string>(*row[0]) : std::nullopt;
        }
        return message.type == backend::ready_for_query || (refusal && is_shutdown(*refusal));
    });
    if (refusal)
        return std::unexpected(*std::move(refusal));
    return value;
}

std::expected<std::optional<std::string>, Refusal>
DatabaseConnection::execute(std::initializer_list<std::string_view> statements,
                            const Deadline& deadline)
{
    send(statements, deadline);
    return answer(statements.size(), deadline);
}

void DatabaseConnection::send(std::initializer_list<std::string_view> statements,
                              const Deadline& deadline)
{
    pgwire::FrontendWriter writer;
    for (const auto statement : statements) {
        writer.parse(hidden_name, statement);
        writer.bind(hidden_name, hidden_name, no_values);
        writer.execute(hidden_name);
        writer.close_portal(hidden_name);
        writer.close_statement(hidden_name);
    }
    writer.flush();
    channel_.write(writer.bytes(), deadline);
    closed_ = 0;
    value_.reset();
}

std::expected<std::optional<std::string>, Refusal>
DatabaseConnection::answer(std::size_t statements, const Deadline& deadline)
{
    std::optional<Refusal> refusal;
    receive(channel_, received_, deadline, [&](const auto& message) {
        if (message.type == backend::error_response) {
            refusal = refusal_of(message.body);
        } else if (message.type == backend::data_row) {
            const auto row = pgwire::data_row(message.body);
            value_ = !row.empty() && row[0] ? std::optional<std::string>(*row[0]) : std::nullopt;
        } else if (message.type == backend::close_complete) {
            ++closed_;
        }
        return refusal || closed_ == 2 * statements; // of the portal and of the statement
    });
    if (!refusal)
        return std::exchange(value_, std::nullopt);
    if (is_shutdown(*refusal))
        throw ChannelClosed(refusal->message);
    // Whoever asks again after TimedOut must not find half of this.
    synchronize(Deadline::after(time_to_synchronize));
    return std::unexpected(*std::move(refusal));
}

void DatabaseConnection::synchronize(const Deadline& deadline)
{
    pgwire::FrontendWriter writer;
    writer.sync();
    // A statement of ours that failed has left its names behind.
    writer.close_portal(hidden_name);
    writer.close_statement(hidden_name);
    writer.flush();
    channel_.write(writer.bytes(), deadline);
    bool is_ready = false;
    std::size_t closed = 0;
    receive(channel_, received_, deadline, [&](const auto& message) {
        is_ready = is_ready || message.type == backend::ready_for_query;
        closed += is_ready && message.type == backend::close_complete ? 1 : 0;
        return closed == 2;
    });
}

void cancel_statement(const std::filesystem::path& socket_path,
                      const pgwire::CancelKey& key) noexcept
{
    try {
        const auto fd = connect_socket(socket_path);
        pgwire::FrontendWriter request;
        request.cancel_request(key.process_id, key.secret_key);
        const auto& bytes = request.bytes();
        if (::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
            // The server closes the connection when it has done it.
            char nothing = 0;
            const timeval patience{.tv_sec = 1, .tv_usec = 0};
            ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            ::recv(fd.get(), &nothing, 1, 0);
        }
    } catch (const std::exception&) {
        // Without a server there is nothing to stop.
    }
}

} // namespace nimbus::local::dsql
