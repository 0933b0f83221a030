#pragma once

#include "base/time.h"
#include "local/dsql/outgoing.h"
#include "local/dsql/script_cache.h"
#include "local/dsql/transaction_rules.h"
#include "pgwire/backend.h"
#include "pgwire/frontend.h"

#include <cstdint>
#include <deque>
#include <exception>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nimbus::local::dsql {

/// The server reads texts otherwise than the dialect's parser since that setting changed: what was
/// checked is not what would run, and the session has to end.
class ReadsDiffer : public std::exception {
public:
    explicit ReadsDiffer(std::string_view setting)
        : words_("the setting " + std::string(setting) +
                 " was changed, on which the reading of statements depends")
    {
    }
    const char* what() const noexcept override { return words_.c_str(); }

private:
    std::string words_;
};

struct ConversationOptions {
    /// Makes AWS IAM GRANT and REVOKE a statement for PostgreSQL, or refuses them to this user.
    std::function<std::expected<std::string, Refusal>(const IamChange&)> iam_statement;
    Reader reader = Reader::administrator;
    Clock clock = system_now;
    /// A line for the log: which statement was refused with what. Not the statement itself.
    std::function<void(const Refusal&)> refused = [](const Refusal&) {};
};

/// What is said between a client that is logged in and PostgreSQL, turned into what DSQL would say.
/// Bytes in, bytes out, no I/O.
///
/// Messages go through untouched where DSQL and PostgreSQL agree. A statement that DSQL refuses is
/// replaced by one that cannot but fail (it selects a column called nimbus_refusal_<n>), and that
/// failure by DSQL's on the way back: so order, pipelines, the abortion of transactions and 25P02
/// are PostgreSQL's own.
///
/// A statement that may change any number of rows is followed by a Close of nothing and a Flush,
/// and the client waits until that is answered: when the rows are too many, the transaction is
/// made to fail before it can be committed.
class Conversation {
public:
    /// DSQL's limit for one message. Aurora DSQL User Guide, "Cluster quotas".
    static constexpr std::size_t max_message = 10 * 1024 * 1024;

    /// What the columns are called that failing statements select; a number follows.
    static constexpr std::string_view marker = "nimbus_refusal_";

    explicit Conversation(ConversationOptions options);

    /// Reads whole messages from the front of what the client sent and says how many bytes they
    /// are. Throws pgwire::Malformed for what a client must not send.
    std::size_t from_client(std::string_view received, Outgoing& to_server);

    /// The same for what the server sent; of row data also the beginning of a message. What has to
    /// be said to the server in turn goes to `to_server`. Throws ReadsDiffer.
    std::size_t from_server(std::string_view received, Outgoing& to_client, Outgoing& to_server);

    /// Nothing more is taken from the client until the server has answered.
    bool client_waits() const noexcept { return barrier_.has_value(); }
    /// Queries whose end the server has not announced yet.
    bool busy() const noexcept { return open_syncs_ > 0; }
    /// The client has said goodbye.
    bool terminated() const noexcept { return terminated_; }
    /// The server has said why it ends the session.
    bool ended() const noexcept { return ended_; }

private:
    struct Prepared {
        StatementKind kind = StatementKind::read;
        std::optional<std::uint64_t> rows;
        bool counted_afterwards = false; ///< DML whose text does not tell how many rows
        std::optional<CopyFormat> copy_in;
    };
    struct Portal {
        Prepared statement;
        std::size_t bytes = 0;
    };
    enum class QueryProtocol { simple, extended };
    /// When a statement is executed: with the query that it is in, or by a later Execute.
    enum class Execution { at_once, later };

    /// The statement under way whose rows are counted.
    struct Barrier {
        std::size_t syncs_before = 0;  ///< answers to earlier batches
        std::size_t closes_before = 0; ///< of the client's own, in this batch
        /// How it was sent. Of a simple query, the answers to Parse and Bind are ours.
        QueryProtocol protocol = QueryProtocol::extended;
        std::optional<std::string> completion; ///< the CommandComplete held back
    };

    void client_message(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void query(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void parse(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void execute(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void close(const pgwire::Message& message);
    void copy_data(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void begin_barrier(QueryProtocol protocol, Outgoing& out);
    void sync_sent();

    /// The text to send for a statement; what stands against it is replaced.
    std::string text_for(const Statement& statement, std::size_t bytes, Execution execution);
    /// A statement that fails and comes back as that refusal.
    std::string failing_statement(Refusal refusal);

    bool server_message(const pgwire::Message& message, std::string_view bytes, Outgoing& to_client,
                        Outgoing& to_server);
    void server_error(const pgwire::Message& message, std::string_view bytes, Outgoing& to_client);
    void server_notice(const pgwire::Message& message, std::string_view bytes, Outgoing& to_client);
    void completion(std::string_view bytes, Outgoing& to_client);
    void release_completion(char next, Outgoing& to_client);
    void ready(const pgwire::Message& message);
    bool barrier_is_next() const noexcept;
    void end_barrier(Outgoing& to_client, Outgoing& to_server);

    ConversationOptions options_;
    ScriptCache scripts_;
    TransactionRules rules_;
    std::unordered_map<std::string, Prepared> statements_;
    std::unordered_map<std::string, Portal> portals_;
    std::map<std::uint64_t, Refusal> refusals_; ///< whose failing statements are under way
    std::uint64_t next_refusal_ = 1;
    std::optional<Barrier> barrier_;
    std::size_t sent_syncs_ = 0;
    std::size_t open_syncs_ = 0; ///< of these, those that are not answered
    std::size_t closes_in_batch_ = 0;
    bool batch_open_ = false; ///< messages were sent since the last Sync or query
    struct Copy {
        std::size_t batch; ///< how many batches were sent before its own
        CopyRows rows;
    };
    std::deque<Copy> copies_;      ///< whose data are still to come from the client, in order
    std::size_t pass_through_ = 0; ///< bytes of a server's message that are still to come
    std::string next_tag_;
    bool terminated_ = false;
    bool ended_ = false;
};

} // namespace nimbus::local::dsql
