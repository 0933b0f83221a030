#pragma once

#include "base/time.h"
#include "local/dsql/optimistic_block.h"
#include "local/dsql/outgoing.h"
#include "local/dsql/prepared_names.h"
#include "local/dsql/script_cache.h"
#include "local/dsql/transaction_rules.h"
#include "local/faults/fault_injector.h"
#include "pgwire/backend.h"
#include "pgwire/frontend.h"

#include <cstdint>
#include <deque>
#include <exception>
#include <expected>
#include <functional>
#include <map>
#include <memory>
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
    Backstage* backstage = nullptr; ///< outlives the conversation
    FaultPoint faults{};            ///< what is to go wrong on demand
    Clock clock = system_now;
    /// A line for the log: which statement was refused with what. Not the statement itself.
    std::function<void(const Refusal&)> refused = [](const Refusal&) {};
};

/// What is said between a client that is logged in and PostgreSQL, turned into what DSQL would say.
/// Bytes in, bytes out; no I/O but through Backstage, in `work`.
///
/// Messages go through untouched where DSQL and PostgreSQL agree. A statement that DSQL refuses is
/// replaced by one that cannot but fail (it selects a column called nimbus_refusal_<n>), and that
/// failure by DSQL's on the way back: so order, pipelines, the abortion of transactions and 25P02
/// are PostgreSQL's own.
///
/// A statement that may change any number of rows is followed by a Close of nothing and a Flush,
/// and the client waits until that is answered: when the rows are too many, the transaction is
/// made to fail before it can be committed.
///
/// An EXPLAIN is followed in the same way: its rows are held back until the plan is complete, which
/// DSQL prints in another form.
///
/// In a transaction block (see OptimisticBlock), a statement that may meet a change of somebody
/// else is followed in the same way, and its rows are held back: if it meets one, it is undone and
/// done again otherwise. What needs the server to itself is held until all before it is answered.
///
/// Where the Sync behind such a statement commits nothing and is there already, it is sent along,
/// and its ReadyForQuery takes the part of the Close's answer: one round trip in place of two.
///
/// What a message means depends on whether those before it were done. Where that is not known, it
/// waits: a query behind a batch without a Sync, and everything behind the end of a block.
///
/// Faults on demand strike what the client sends: a statement waits, or is the last thing that is
/// read; a COMMIT, and a statement that changes rows outside of a block, fails in its place.
class Conversation {
public:
    /// DSQL's limit for one message. Aurora DSQL User Guide, "Cluster quotas".
    static constexpr std::size_t max_message = 10 * 1024 * 1024;

    /// What the columns are called that failing statements select; a number follows.
    static constexpr std::string_view marker = "nimbus_refusal_";

    /// The name of a prepared statement whose Close marks the end of another.
    static constexpr std::string_view barrier = "nimbus_barrier";

    explicit Conversation(ConversationOptions options);

    /// Reads whole messages from the front of what the client sent and says how many bytes they
    /// are. Throws pgwire::Malformed for what a client must not send.
    std::size_t from_client(std::string_view received, Outgoing& to_server);

    /// The same for what the server sent; of row data also the beginning of a message. What has to
    /// be said to the server in turn goes to `to_server`. Throws ReadsDiffer.
    std::size_t from_server(std::string_view received, Outgoing& to_client, Outgoing& to_server);

    /// Nothing more is taken from the client until the server has answered.
    bool client_waits() const noexcept
    {
        return barrier_ || has_work() || steps_ || pause_ || ends_block_ ||
               (queried_copy_ && !queried_copy_->is_taking_data);
    }

    /// Is there something to do with the server that cannot be done while messages are under way?
    bool has_work() const noexcept;
    /// Does it. Nothing that was received from the server is left, and nothing is on its way.
    void work(Outgoing& to_server);
    /// Backstage has a verdict: the block under way, if there is one, will be lost.
    void has_to_make_way() noexcept { has_to_make_way_ = true; }
    bool makes_way() const noexcept { return has_to_make_way_; }
    /// May what the server is executing wait for somebody else's block, which then loses it?
    bool may_wait() const noexcept { return busy() && (!rules_.in_block() || is_patient_); }
    /// What these blocks lose.
    Loss loss_of_others() const noexcept { return loss_of_others_; }
    /// Queries whose end the server has not announced yet.
    bool busy() const noexcept { return open_syncs_ > 0 || barrier_.has_value(); }
    /// Until when the client's next statement waits, if it was made to.
    const std::optional<Deadline>& pause() const noexcept { return pause_; }
    /// It has waited.
    void resume() noexcept;
    /// The connection ends here and now.
    bool is_cut_off() const noexcept { return is_cut_off_; }
    /// The client has said goodbye.
    bool terminated() const noexcept { return terminated_; }
    /// The server has said why it ends the session.
    bool ended() const noexcept { return ended_; }
    /// Has the client got the beginning of a message, whose end the server has not sent?
    bool is_within_message() const noexcept { return pass_through_ > 0; }

private:
    struct Prepared {
        StatementKind kind = StatementKind::read;
        RowLock lock = RowLock::none;
        std::optional<std::uint64_t> rows;
        bool counted_afterwards = false; ///< DML whose text does not tell how many rows
        bool explains = false;           ///< its rows are a plan's lines
        std::optional<CopyFormat> copy_in;
        bool refused = false;
        std::string text{};  ///< what PostgreSQL has of it
        std::string types{}; ///< of its parameters, as in ParseBody
    };
    /// Never null: whoever binds or executes it shares it.
    using PreparedPointer = std::shared_ptr<const Prepared>;
    struct Portal {
        PreparedPointer statement = std::make_shared<const Prepared>();
        std::string values{};     ///< as in BindBody, in a block
        bool is_in_parts = false; ///< its rows were asked for in parts
        bool is_begun = false;    ///< it goes on where it is, on the tables that it began on
        bool is_gone = false;     ///< undone with the block that it began in
    };
    enum class QueryProtocol { simple, extended };
    /// When a statement is executed: with the query that it is in, or by a later Execute.
    enum class Execution { at_once, later };

    /// A statement on its way to be executed.
    struct Running {
        PreparedPointer statement;
        QueryProtocol protocol = QueryProtocol::extended;
        std::string values{};  ///< as in BindBody
        std::string execute{}; ///< the client's Execute
        std::string portal{};  ///< its name
        bool goes_on = false;  ///< the portal has begun before
        bool is_described = true;
        bool explains = false;   ///< all of its rows, which are a plan's, are asked for at once
        bool is_struck = false;  ///< a COMMIT, by a fault on demand
        bool ends_batch = false; ///< nothing but the end of its query comes behind it, or its Sync,
                                 ///< which was taken from the client
    };

    /// The statement under way for whose end the client waits.
    struct Barrier {
        std::size_t syncs_before = 0; ///< answers to earlier batches
        /// How it was sent.
        QueryProtocol protocol = QueryProtocol::extended;
        bool prepared_by_us = false;             ///< the answers to Parse and Bind are ours
        std::optional<std::string> completion{}; ///< the CommandComplete held back
        bool counts_rows = false;                ///< its own, beside those that foreign keys change
        std::uint64_t cascaded = 0;              ///< of the latter
        /// A statement of a block, which may have to be done again, and its rows so far.
        std::optional<Running> running{};
        std::string rows{};
        bool explains = false; ///< its rows come in DSQL's form, when all are there
        bool has_met_somebody = false;
        bool is_described = false; ///< the client knows the columns
        bool ends_batch = false;   ///< as of Running
        /// A Sync or a query's end was sent along: it ends with ReadyForQuery, not with a Close.
        bool is_at_ready = false;
        bool has_failed = false;     ///< and ReadyForQuery is still to come
        bool begins_block = false;   ///< behind BEGIN itself, all answers are to what was added
        bool ends_word = false;      ///< of what it commits, others have word
        std::size_t open_closes = 1; ///< Close messages of ours that are not answered
    };
    /// The statements of a query that are executed one by one.
    struct Steps {
        std::shared_ptr<const Script> script;
        std::size_t next = 0;
    };

    /// A COPY FROM STDIN in a block, as a query: what it takes to do it again.
    struct BlockCopy {
        Running running;
        /// What the client has sent behind it, unless that was too much.
        std::optional<std::string> data = std::string{};
        bool is_taking_data = false; ///< the client was told to send it
        bool is_complete = false;    ///< it has sent all
        bool has_met_somebody = false;
        bool is_again = false;
        std::optional<Refusal> refusal{}; ///< what stands against it anyway
    };

    /// A COPY FROM STDIN of the extended protocol, which the server gets as a query: so what ends
    /// it is known before the client's Sync is taken, which has no answer while rows are sent.
    struct QueriedCopy {
        bool is_taking_data = false; ///< of the client, which knows, and has not sent all
        bool has_failed = false;
    };

    /// Is it a query behind messages of which it is not known whether they were done?
    bool comes_too_early(char type) const noexcept;
    /// Does a message that has a statement executed get through? Not now, or not ever.
    bool passes_faults(char type);
    /// Is it a COMMIT of changes, which a conflict on demand strikes?
    bool commit_conflicts(StatementKind kind) const;
    /// What stands against a statement that is about to be executed: the rules, or a conflict on
    /// demand, which strikes a transaction without a block at its first change.
    std::optional<Refusal> refusal_of(StatementKind kind, const std::string& text,
                                      std::optional<std::uint64_t> rows);
    bool meets_new_catalog(StatementKind kind, const std::string& text);
    void client_message(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void query(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void parse(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void execute(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void close(const pgwire::Message& message);
    /// The rows of the statement that was just sent are counted.
    void begin_barrier(Barrier barrier, Outgoing& out);
    void sync_sent();
    void batch_goes_on() noexcept;
    bool take_sync() noexcept;

    // conversation_copy.cpp
    void launch_copy(Running running, const std::string& text, Outgoing& out);
    bool ends_queried_copy(const pgwire::Message& ready_for_query);
    void copy_data(const pgwire::Message& message, std::string_view bytes, Outgoing& out);
    void end_copy(std::string_view bytes, Outgoing& out);
    bool keep_for_again(std::string_view bytes);
    bool has_copy_met_somebody() const noexcept;
    bool copy_meets(bool is_meeting);
    bool ends_copy();
    bool takes_copy_data() noexcept;
    void do_copy_again(Outgoing& to_server);

    // conversation_blocks.cpp
    void make_way();
    void end_block(BlockEnd end);
    void publish_changes();
    /// Has nothing been sent that is not answered?
    bool is_quiet() const noexcept;
    void next_step(Outgoing& out);
    /// Sends a statement, or holds it until the server is at rest.
    void start(Running running, Outgoing& out);
    void launch(Running running, Outgoing& out);
    void launch_again(const Running& running, const std::string& text, Outgoing& out);
    void launch_on_copies(const Running& running, Outgoing& out);
    void do_again_alone(const Running& running, Outgoing& to_server);
    bool ends_block(StatementKind kind) const noexcept;
    bool has_portal_in_parts() const noexcept;
    bool is_gone(const Running& running) const;
    void launch_failing(const Running& running, Refusal refusal, Outgoing& out);
    void launch_begin(Running running, Outgoing& out);
    bool is_committed_later(const Running& running) const noexcept;
    void do_held(Running running, Outgoing& to_server);
    void do_again(const Running& running, Outgoing& to_server);
    std::optional<Refusal> undo_for_again();
    void commit_block(Running running, Outgoing& to_server);
    bool concerns_others(const Prepared& statement) const;
    void leave_word(Outgoing& to_server);

    /// The text to send for a statement; what stands against it is replaced.
    struct Text {
        std::string sql;
        bool refused = false;
    };
    static Prepared prepared_of(const Statement& statement, Text text);
    bool goes_in_steps(const Script& script) const;
    Text text_for(const Statement& statement, Execution execution);
    /// A statement that fails and comes back as that refusal.
    std::string failing_statement(Refusal refusal);

    bool server_message(const pgwire::Message& message, std::string_view bytes, Outgoing& to_client,
                        Outgoing& to_server);
    void server_error(const pgwire::Message& message, std::string_view bytes, Outgoing& to_client);
    void server_notice(const pgwire::Message& message, std::string_view bytes, Outgoing& to_client);
    void completion(std::string_view bytes, Outgoing& to_client);
    bool is_met(const pgwire::ErrorFields& fields, bool is_meeting) const;
    bool is_prepared(char type);
    bool is_closed(Outgoing& to_client, Outgoing& to_server);
    bool answers_batch(std::size_t& due) noexcept;
    std::size_t batch_at_hand() const noexcept { return sent_syncs_ - open_syncs_; }
    void ready(const pgwire::Message& message);
    bool barrier_is_next() const noexcept;
    bool answers_addition() const noexcept;
    bool ready_behind_barrier(const pgwire::Message& message, Outgoing& to_client,
                              Outgoing& to_server);
    bool may_be_done_again() const noexcept;
    bool holds_rows() const noexcept;
    void hold_row(std::string_view bytes, Outgoing& to_client);
    void release_rows(Outgoing& to_client);
    enum class Outcome { done, failed };
    void end_barrier(Outcome outcome, Outgoing& to_client, Outgoing& to_server);

    ConversationOptions options_;
    ScriptCache scripts_;
    TransactionRules rules_;
    PreparedNames<PreparedPointer> statements_;
    std::unordered_map<std::string, Portal> portals_;
    const Portal no_portal_;                    ///< what a name means that nothing was bound to
    std::map<std::uint64_t, Refusal> refusals_; ///< whose failing statements are under way
    std::uint64_t next_refusal_ = 1;
    OptimisticBlock block_;
    std::optional<Barrier> barrier_;
    std::optional<Steps> steps_;
    std::optional<Running> held_;  ///< until everything before it is answered
    std::optional<Running> again_; ///< was undone
    bool has_to_make_way_ = false;
    bool has_looked_ = false;  ///< at the catalogue, in the block under way
    bool leaves_word_ = false; ///< of what will be committed when that is done
    /// A batch outside of a block has met it, which it learns of at its end.
    std::optional<Refusal> late_conflict_;
    bool is_patient_ = false; ///< a statement in a block that waits for locks
    /// The client's own messages in the batch without a Sync so far that are not answered, but for
    /// the statement of the barrier, which comes behind them.
    struct Due {
        std::size_t prepared = 0; ///< Parse, Bind, Describe
        std::size_t executed = 0;
        std::size_t closed = 0;
    };
    Due due_;
    std::size_t next_sync_ = 0;  ///< the size of a Sync right behind the message at hand, if any
    std::size_t taken_sync_ = 0; ///< the size of that Sync when it was taken with the message
    bool is_skipping_ = false;   ///< the server leaves out what it gets up to the next Sync
    Loss loss_of_others_ = Loss::rows;
    std::size_t sent_syncs_ = 0;
    std::size_t open_syncs_ = 0; ///< of these, those that are not answered
    bool batch_open_ = false;    ///< messages were sent since the last Sync or query
    bool is_settled_ = false;    ///< … and the server has done them all
    bool ends_block_ = false;    ///< a query ends the block, and is not answered
    struct Copy {
        std::size_t batch; ///< how many batches were sent before its own
        CopyRows rows;
    };
    std::deque<Copy> copies_; ///< whose data are still to come from the client, in order
    std::optional<BlockCopy> block_copy_;
    std::optional<QueriedCopy> queried_copy_;
    bool skips_batch_ = false;     ///< of the client: what comes up to its next Sync
    std::size_t pass_through_ = 0; ///< bytes of a server's message that are still to come
    std::string next_tag_;
    std::string last_completion_;      ///< of a query, until what it did is committed
    RecentCommits::Relations changed_; ///< by the transaction under way
    std::optional<Deadline> pause_;
    bool has_paused_ = false; ///< the message at hand has waited
    bool is_cut_off_ = false;
    bool terminated_ = false;
    bool ended_ = false;
};

} // namespace nimbus::local::dsql
