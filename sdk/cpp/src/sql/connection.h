#pragma once

#include "base/time.h"
#include "io/tls_stream.h"
#include "sql/pg_messages.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nimbus::sql::detail {

using nimbus::detail::TlsRoots;
using nimbus::detail::TlsStream;

struct ConnectionSettings {
    std::string host;
    std::uint16_t port = 5432;
    std::string user;
    std::string database = "postgres";
    std::string schema;                    ///< becomes the search path
    std::function<std::string()> password; ///< asked for once per connection
};

/// The connection broke before the server can have acted on the statement: it may be sent again
/// on another one.
class NotSent : public connection_error {
public:
    using connection_error::connection_error;
};

/// A statement was prepared before its tables changed. A new connection prepares it anew; a
/// transaction that it was in is rolled back with the old one.
class StaleStatement : public NotSent {
public:
    using NotSent::NotSent;
};

/// A statement with its arguments; both outlive it.
struct bound_statement {
    std::string_view text;
    const parameter_list* parameters;
    std::size_t number = 0; ///< among those of a pipeline, from 1
};

/// Takes the rows of an answer one at a time, each as the only row of a result; false: no more.
using RowTaker = std::function<bool(const result&)>;

/// Asks the server to give up what the session of `key` executes. It may not: DSQL promises
/// nothing.
void cancel(const pgwire::CancelKey& key, const ConnectionSettings& settings, const TlsRoots& roots,
            const Deadline& deadline) noexcept;

/// One session with a server. A client of our own instead of libpq: Debian's static libpq needs
/// GSSAPI, which has no static form; DSQL asks for nothing but TLS and a cleartext password; and a
/// statement's whole conversation goes out in one write. Failures of the stream throw
/// connection_error or timeout, those that the server reports the class of their SQLSTATE.
class Connection {
public:
    /// Connects, verifies the server's certificate, logs in.
    Connection(const ConnectionSettings& settings, const TlsRoots& roots, const Deadline& deadline);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Each text is parsed by the server once per connection.
    result run(std::string_view text, const parameter_list& parameters, const Deadline& deadline);
    /// All are sent before their answers are awaited, and the first that fails is the last one. Its
    /// error says which it was.
    std::vector<result> run_all(std::span<const bound_statement> statements,
                                const Deadline& deadline);
    /// Hands the rows over as they arrive. Once `take` says that it wants no more, or throws, the
    /// connection is unusable.
    void run_each(const bound_statement& statement, RowTaker take, const Deadline& deadline);
    /// COPY … FROM STDIN with rows in its text format; returns how many there were.
    std::uint64_t copy_in(std::string_view text, std::string_view rows, const Deadline& deadline);

    /// Nothing if the server gave none.
    const std::optional<pgwire::CancelKey>& cancel_key() const noexcept { return cancel_key_; }

    /// False once the server has closed the connection or said that it is going to, or a call
    /// has failed half-way.
    bool usable();
    bool in_transaction() const noexcept
    {
        return transaction_status_ != pgwire::TransactionStatus::idle;
    }
    /// A statement of the transaction has failed: the server will roll it back whatever comes.
    bool transaction_failed() const noexcept
    {
        return transaction_status_ == pgwire::TransactionStatus::failed;
    }
    std::chrono::steady_clock::duration age() const;

private:
    void log_in(const ConnectionSettings& settings, const Deadline& deadline);
    /// Hands each message to `take`, which says whether it was the last one.
    template <class Take>
    void receive(const Deadline& deadline, Take take);
    void send(const MessageWriter& messages, const Deadline& deadline);

    struct Answers;
    /// Lets `work` send statements and take answers, up to where the server is ready again, and
    /// throws what failed.
    template <class Work>
    void perform(const Deadline& deadline, Answers& answers, Work work);
    void converse(std::span<const bound_statement> statements, Answers& answers,
                  const Deadline& deadline);
    void add_statement(MessageWriter& messages, const bound_statement& statement, Answers& answers);
    void take(const Message& message, Answers& answers);
    void note_parsed(Answers& answers);
    [[noreturn]] void throw_failure(Answers& answers);

    TlsStream stream_;
    std::string received_;
    std::chrono::steady_clock::time_point opened_at_;
    std::unordered_map<std::string, std::string> statements_; ///< text to name
    std::optional<pgwire::CancelKey> cancel_key_;
    pgwire::TransactionStatus transaction_status_ = pgwire::TransactionStatus::idle;
    bool broken_ = false;
};

} // namespace nimbus::sql::detail
