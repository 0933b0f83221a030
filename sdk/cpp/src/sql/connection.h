#pragma once

#include "base/time.h"
#include "io/tls_stream.h"
#include "sql/pg_messages.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

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
    result converse(std::string_view text, const parameter_list& parameters,
                    const Deadline& deadline);

    TlsStream stream_;
    std::string received_;
    std::chrono::steady_clock::time_point opened_at_;
    std::unordered_map<std::string, std::string> statements_; ///< text to name
    pgwire::TransactionStatus transaction_status_ = pgwire::TransactionStatus::idle;
    bool broken_ = false;
};

} // namespace nimbus::sql::detail
