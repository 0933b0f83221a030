#include "sql/connection.h"

#include "base/sql_text.h"

#include <algorithm>
#include <exception>
#include <optional>

namespace nimbus::sql::detail {

namespace {

namespace backend = pgwire::backend;
using nimbus::detail::StreamError;
using nimbus::detail::StreamTimeout;

constexpr std::size_t max_prepared_statements = 500;

[[noreturn]] void throw_stream_error(const StreamError& failure, const std::string& host)
{
    const std::string message = "the database at " + host + ": " + failure.what();
    if (dynamic_cast<const StreamTimeout*>(&failure))
        throw timeout({.message = message});
    throw connection_error(
        {.message = message,
         .hint = "is the application deployed, and SQL_…_ENDPOINT its cluster?"});
}

[[noreturn]] void throw_stream_error(const StreamError& failure)
{
    if (dynamic_cast<const StreamTimeout*>(&failure))
        throw timeout({.message = "the statement was not answered before the invocation's time "
                                  "was over"});
    throw connection_error({.message = std::string("the database: ") + failure.what()});
}

TlsStream open_stream(const ConnectionSettings& settings, const TlsRoots& roots,
                      const Deadline& deadline)
{
    auto stream = TlsStream::connect(settings.host, settings.port, deadline);
    MessageWriter request;
    request.ssl_request();
    stream.write(request.bytes(), deadline);
    std::string answer;
    stream.read(answer, deadline);
    // More than the one byte, before TLS, is not from the server that the certificate will name.
    if (answer != "S")
        throw StreamError("the server does not offer TLS");
    stream.start_tls(roots, settings.host, deadline);
    return stream;
}

TlsStream open_or_explain(const ConnectionSettings& settings, const TlsRoots& roots,
                          const Deadline& deadline)
{
    try {
        return open_stream(settings, roots, deadline);
    } catch (const StreamError& failure) {
        throw_stream_error(failure, settings.host);
    }
}

bool tells_stale_statement(const error_fields& fields)
{
    return fields.sqlstate == "26000" ||
           (fields.sqlstate == "0A000" && fields.message.find("cached plan") != std::string::npos);
}

} // namespace

Connection::Connection(const ConnectionSettings& settings, const TlsRoots& roots,
                       const Deadline& deadline)
    : stream_(open_or_explain(settings, roots, deadline)),
      opened_at_(std::chrono::steady_clock::now())
{
    try {
        log_in(settings, deadline);
    } catch (const StreamError& failure) {
        throw_stream_error(failure, settings.host);
    }
}

Connection::~Connection()
{
    if (broken_)
        return;
    MessageWriter goodbye;
    goodbye.terminate();
    try {
        stream_.write(goodbye.bytes(), Deadline::after(std::chrono::milliseconds{0}));
    } catch (const StreamError&) {
        // The server finds the end of the stream instead.
    }
}

template <class Take>
void Connection::receive(const Deadline& deadline, Take take)
{
    std::size_t position = 0;
    for (;;) {
        const auto message = first_message(std::string_view(received_).substr(position));
        if (!message) {
            received_.erase(0, position);
            position = 0;
            stream_.read(received_, deadline);
            continue;
        }
        position += message->size();
        if (take(*message)) {
            received_.erase(0, position);
            return;
        }
    }
}

void Connection::log_in(const ConnectionSettings& settings, const Deadline& deadline)
{
    const auto search_path = quote_identifier(settings.schema);
    MessageWriter startup;
    const std::pair<std::string_view, std::string_view> parameters[] = {
        {"user", settings.user},
        {"database", settings.database},
        {"search_path", search_path},
        {"client_encoding", "UTF8"},
        {"application_name", "nimbus/" NIMBUS_VERSION}};
    startup.startup(parameters);
    stream_.write(startup.bytes(), deadline);
    receive(deadline, [&](const Message& message) {
        switch (message.type) {
        case backend::authentication: {
            const auto kind = authentication_kind(message.body);
            if (kind == pgwire::Authentication::cleartext_password) {
                MessageWriter answer;
                answer.password(settings.password());
                stream_.write(answer.bytes(), deadline);
            } else if (kind != pgwire::Authentication::ok) {
                throw access_denied(
                    {.message = "the server asks for a kind of password that is not a token"});
            }
            return false;
        }
        case backend::error_response:
            broken_ = true;
            throw_error(error_response(message.body));
        case backend::ready_for_query:
            return true;
        default:
            return false;
        }
    });
}

void Connection::send(const MessageWriter& messages, const Deadline& deadline)
{
    try {
        stream_.write(messages.bytes(), deadline);
    } catch (const StreamTimeout&) {
        throw;
    } catch (const StreamError& failure) {
        throw NotSent({.message = std::string("the database: ") + failure.what()});
    }
}

result Connection::run(std::string_view text, const parameter_list& parameters,
                       const Deadline& deadline)
{
    if (parameters.size() > 65'535)
        throw usage_error({.message = "a statement takes at most 65535 parameters"});
    broken_ = true;
    try {
        auto rows = converse(text, parameters, deadline);
        return rows;
    } catch (const StreamError& failure) {
        throw_stream_error(failure);
    }
}

result Connection::converse(std::string_view text, const parameter_list& parameters,
                            const Deadline& deadline)
{
    const auto known = statements_.find(std::string(text));
    const bool is_new = known == statements_.end();
    const bool keep = statements_.size() < max_prepared_statements;
    const auto name = !is_new ? known->second
                      : keep  ? 's' + std::to_string(statements_.size() + 1)
                              : std::string();
    MessageWriter messages;
    if (is_new)
        messages.parse(name, text);
    messages.bind(name, parameters);
    messages.describe_portal();
    messages.execute();
    messages.sync();
    send(messages, deadline);

    result rows;
    std::optional<error_fields> failure;
    receive(deadline, [&](const Message& message) {
        switch (message.type) {
        case backend::parse_complete:
            if (!name.empty())
                statements_.emplace(text, name);
            break;
        case backend::row_description:
            rows.columns = row_description(message.body);
            break;
        case backend::data_row:
            add_data_row(message.body, rows);
            break;
        case backend::command_complete:
            rows.set_affected_rows(affected_rows(message.body));
            break;
        case backend::error_response:
            failure = error_response(message.body);
            break;
        case backend::copy_in_response:
        case backend::copy_out_response:
        case backend::copy_both_response:
            throw usage_error({.message = "COPY is not available here; use INSERT and SELECT"});
        case backend::ready_for_query:
            transaction_status_ =
                message.body.empty() ? pgwire::TransactionStatus::idle
                                     : static_cast<pgwire::TransactionStatus>(message.body.front());
            broken_ = false;
            return true;
        default:
            break;
        }
        return false;
    });
    if (!failure)
        return rows;
    if (!is_new && tells_stale_statement(*failure)) {
        broken_ = true;
        throw StaleStatement({.message = failure->message});
    }
    throw_error(*std::move(failure));
}

bool Connection::usable()
{
    if (broken_)
        return false;
    if (!stream_.poll(received_))
        return false;
    // What a server says unasked: a notice or a changed setting, or why it ends the session.
    std::string_view rest = received_;
    while (const auto message = first_message(rest)) {
        if (message->type == backend::error_response)
            return false;
        rest.remove_prefix(message->size());
    }
    return true;
}

std::chrono::steady_clock::duration Connection::age() const
{
    return std::chrono::steady_clock::now() - opened_at_;
}

} // namespace nimbus::sql::detail
