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
constexpr std::size_t max_parameters = 65'535; // their number has 16 bits in Bind
/// Bytes that are sent before their answers are read: less than what may lie between the two
/// sides while neither reads.
constexpr std::size_t max_unanswered_bytes = 64 * 1024;
/// Of the rows of a COPY in one message. DSQL takes messages of 10 MiB.
constexpr std::size_t max_copy_data = 256 * 1024;

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

void check_parameter_counts(std::span<const bound_statement> statements)
{
    for (const auto& statement : statements)
        if (statement.parameters->size() > max_parameters)
            throw usage_error({.message = "a statement takes at most 65535 parameters"});
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

void cancel(const pgwire::CancelKey& key, const ConnectionSettings& settings, const TlsRoots& roots,
            const Deadline& deadline) noexcept
{
    try {
        auto stream = open_stream(settings, roots, deadline);
        MessageWriter request;
        request.cancel_request(key.process_id, key.secret_key);
        stream.write(request.bytes(), deadline);
        // The server closes the connection when it has passed the request on.
        std::string answer;
        stream.read(answer, deadline);
    } catch (const std::exception&) {
        // The server finds the end of the connection instead.
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
        case backend::backend_key_data:
            cancel_key_ = backend_key_data(message.body);
            return false;
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

/// What the server has answered so far to statements that are under way, in their order.
struct Connection::Answers {
    /// How a statement was sent.
    struct Sent {
        std::string_view text;
        std::size_t number;
        std::string name{};
        bool is_new = false; ///< the server has to parse it
    };

    explicit Answers(std::size_t statements) : results(statements) {}

    /// The result of the statement that is being answered.
    result& current()
    {
        if (completed == results.size())
            throw connection_error({.message = "the server answers what it was not asked"});
        return results[completed];
    }

    std::vector<result> results;
    std::vector<Sent> sent;
    std::size_t parsed = 0;    ///< how many of `sent` the server has taken note of
    std::size_t completed = 0; ///< how many statements are done
    std::optional<error_fields> failure{};
    bool is_ready = false; ///< the server takes further statements
    RowTaker take_row{};   ///< takes the rows, which are not kept then
    bool is_stopped = false;
};

result Connection::run(std::string_view text, const parameter_list& parameters,
                       const Deadline& deadline)
{
    const bound_statement statement{text, &parameters};
    return std::move(run_all({&statement, 1}, deadline).front());
}

std::vector<result> Connection::run_all(std::span<const bound_statement> statements,
                                        const Deadline& deadline)
{
    check_parameter_counts(statements);
    Answers answers(statements.size());
    perform(deadline, answers, [&] { converse(statements, answers, deadline); });
    return std::move(answers.results);
}

void Connection::run_each(const bound_statement& statement, RowTaker take, const Deadline& deadline)
{
    check_parameter_counts({&statement, 1});
    Answers answers(1);
    answers.take_row = std::move(take);
    perform(deadline, answers, [&] { converse({&statement, 1}, answers, deadline); });
}

template <class Work>
void Connection::perform(const Deadline& deadline, Answers& answers, Work work)
{
    broken_ = true;
    try {
        work();
        if (answers.is_stopped)
            return;
        if (!answers.is_ready) { // it failed in the middle
            MessageWriter messages;
            messages.sync();
            stream_.write(messages.bytes(), deadline);
            receive(deadline, [&](const Message& message) {
                take(message, answers);
                return answers.is_ready;
            });
        }
    } catch (const StreamTimeout& failure) {
        throw_stream_error(failure);
    } catch (const StreamError& failure) {
        // A server that ends the session says why, and then closes the connection.
        if (answers.failure)
            throw_error(*std::move(answers.failure));
        throw_stream_error(failure);
    }
    if (answers.failure)
        throw_failure(answers);
}

void Connection::converse(std::span<const bound_statement> statements, Answers& answers,
                          const Deadline& deadline)
{
    auto next = statements.begin();
    while (next != statements.end() && !answers.failure) {
        MessageWriter messages;
        do
            add_statement(messages, *next++, answers);
        while (next != statements.end() && messages.bytes().size() < max_unanswered_bytes);
        const bool is_last = next == statements.end();
        if (is_last)
            messages.sync();
        else
            messages.flush();
        if (statements.size() == 1)
            send(messages, deadline);
        else // a COMMIT among them may have arrived although the rest has not
            stream_.write(messages.bytes(), deadline);
        receive(deadline, [&](const Message& message) {
            take(message, answers);
            if (answers.is_ready || answers.is_stopped)
                return true;
            return !is_last && (answers.failure || answers.completed == answers.sent.size());
        });
    }
}

void Connection::add_statement(MessageWriter& messages, const bound_statement& statement,
                               Answers& answers)
{
    const auto known = statements_.find(std::string(statement.text));
    const auto sent = std::ranges::find(answers.sent, statement.text, &Answers::Sent::text);
    Answers::Sent next{.text = statement.text, .number = statement.number};
    if (known != statements_.end()) {
        next.name = known->second;
    } else if (sent != answers.sent.end() && !sent->name.empty()) {
        next.name = sent->name;
    } else {
        next.is_new = true;
        const auto coming = std::ranges::count(answers.sent, true, &Answers::Sent::is_new);
        const auto number = statements_.size() + static_cast<std::size_t>(coming) + 1;
        if (number <= max_prepared_statements)
            next.name = 's' + std::to_string(number);
        messages.parse(next.name, statement.text);
    }
    messages.bind(next.name, *statement.parameters);
    messages.describe_portal();
    messages.execute();
    answers.sent.push_back(std::move(next));
}

void Connection::take(const Message& message, Answers& answers)
{
    switch (message.type) {
    case backend::parse_complete:
        note_parsed(answers);
        break;
    case backend::row_description:
        answers.current().columns = row_description(message.body);
        break;
    case backend::data_row: {
        auto& rows = answers.current();
        add_data_row(message.body, rows);
        if (answers.take_row) {
            answers.is_stopped = !answers.take_row(rows);
            rows.clear_rows();
        }
        break;
    }
    case backend::command_complete:
        answers.current().set_affected_rows(affected_rows(message.body));
        ++answers.completed;
        break;
    case backend::empty_query_response:
        answers.current().set_affected_rows(0);
        ++answers.completed;
        break;
    case backend::error_response:
        answers.failure = error_response(message.body);
        break;
    case backend::copy_in_response:
    case backend::copy_out_response:
    case backend::copy_both_response:
        throw usage_error({.message = "COPY is not available here",
                           .hint = "use INSERT and SELECT, or database::insert"});
    case backend::ready_for_query:
        transaction_status_ = message.body.empty()
                                  ? pgwire::TransactionStatus::idle
                                  : static_cast<pgwire::TransactionStatus>(message.body.front());
        broken_ = false;
        answers.is_ready = true;
        break;
    default:
        break;
    }
}

void Connection::note_parsed(Answers& answers)
{
    const auto first = answers.sent.begin() + static_cast<std::ptrdiff_t>(answers.parsed);
    const auto parsed =
        std::find_if(first, answers.sent.end(), [](const auto& each) { return each.is_new; });
    if (parsed == answers.sent.end())
        return;
    answers.parsed = static_cast<std::size_t>(parsed - answers.sent.begin()) + 1;
    if (!parsed->name.empty())
        statements_.emplace(parsed->text, parsed->name);
}

void Connection::throw_failure(Answers& answers)
{
    auto& fields = *answers.failure;
    if (answers.completed < answers.sent.size()) {
        const auto& failed = answers.sent[answers.completed];
        if (!failed.is_new && tells_stale_statement(fields)) {
            broken_ = true;
            throw StaleStatement({.message = std::move(fields.message)});
        }
        fields.statement = failed.number;
    }
    // The session goes on: it was the number of parameters that violated the protocol.
    if (fields.sqlstate == "08P01")
        throw usage_error(std::move(fields));
    throw_error(std::move(fields));
}

std::uint64_t Connection::copy_in(std::string_view text, std::string_view rows,
                                  const Deadline& deadline)
{
    Answers answers(1);
    perform(deadline, answers, [&] {
        MessageWriter start;
        start.query(text);
        send(start, deadline);
        bool takes_rows = false;
        receive(deadline, [&](const Message& message) {
            takes_rows = message.type == backend::copy_in_response;
            if (!takes_rows)
                take(message, answers);
            return takes_rows || answers.is_ready;
        });
        if (!takes_rows)
            return;
        while (!rows.empty()) {
            MessageWriter messages;
            messages.copy_data(rows.substr(0, max_copy_data));
            rows.remove_prefix(std::min(rows.size(), max_copy_data));
            stream_.write(messages.bytes(), deadline);
        }
        MessageWriter end;
        end.copy_done();
        stream_.write(end.bytes(), deadline);
        receive(deadline, [&](const Message& message) {
            take(message, answers);
            return answers.is_ready;
        });
    });
    return answers.results.front().affected_rows();
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
