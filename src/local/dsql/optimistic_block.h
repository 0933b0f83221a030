#pragma once

#include "base/json.h"
#include "local/dsql/backstage.h"
#include "local/dsql/dialect.h"
#include "pgwire/backend.h"

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local::dsql {

/// A transaction block as DSQL has them, on a PostgreSQL at REPEATABLE READ: it sees the data as
/// they were at BEGIN, waits for nobody, and learns at COMMIT whether somebody else was first.
/// (Aurora DSQL User Guide, "Concurrency control in Aurora DSQL".)
///
/// Statements are executed as they are while they meet nobody. Each that changes or locks rows
/// begins in a subtransaction, and waits for a lock for `lock_timeout` at most. When it meets a
/// change of somebody else, committed or not, it is undone, the tables that it writes are copied as
/// the block sees them (temporary tables, with their constraints), and it is executed on the
/// copies: what fails there fails on DSQL. From then on every statement of the block has the copies
/// in place of these tables. COMMIT does to the tables what was done to the copies, at the block's
/// own snapshot, and whoever stands in the way makes way; where PostgreSQL refuses that, somebody
/// else was first. So it was where others have changed a table that the block has used, or
/// committed locks that do not go with what the block did (RecentCommits).
///
/// A block that had to make way is lost: all that it did is undone at once, for its locks, and its
/// COMMIT fails. What it had written is saved before, so that it goes on until then, for its own
/// eyes: on copies with what it had written. Where that is too much, its next statement fails.
///
/// No I/O but through Backstage, for which nothing may be under way with the database.
class OptimisticBlock {
public:
    explicit OptimisticBlock(Backstage& backstage) noexcept : backstage_(backstage) {}

    enum class State {
        none,   ///< no block
        shared, ///< the tables themselves are used
        copies, ///< some have copies
        lost,   ///< everything is undone; `is_lost` from then on
        failed, ///< PostgreSQL refuses everything but the block's end
    };
    State state() const noexcept { return state_; }

    /// May a statement of that kind meet somebody else?
    static bool contends(StatementKind kind, RowLock lock) noexcept
    {
        return kind == StatementKind::dml || kind == StatementKind::ddl || lock != RowLock::none;
    }
    /// Must something be done behind the scenes before that statement?
    bool prepares(StatementKind kind, RowLock lock) const noexcept;

    /// What follows BEGIN at once. A statement in a block waits for a lock for so many ms, where
    /// DSQL's does not: who has it may be about to give it up. A query takes the snapshot, which
    /// BEGIN alone does not.
    static constexpr std::array<std::string_view, 3> additions_to_begin{
        "SET LOCAL lock_timeout = 10", "SELECT", "SAVEPOINT nimbus_begin"};

    /// BEGIN is about to be executed.
    void begins();
    /// BEGIN and the rest were executed, or not.
    void begun();
    void did_not_begin();
    void end(BlockEnd end);
    /// A statement failed, and the block with it.
    void fail() noexcept;
    /// Gives up what the block did: somebody else was first.
    void lose(Loss loss);
    /// Goes on with copies that hold what it had written. A conflict when that was too much.
    std::optional<Refusal> go_on();
    bool is_lost() const noexcept { return loss_.has_value(); }

    /// Before a statement that contends: it will be undone without what came before.
    std::optional<Refusal> set_savepoint();
    /// A statement that contends is about to be executed on the tables themselves.
    void executes(StatementKind kind, RowLock lock, const std::string& text);
    /// So is any other one, which may call functions that change rows.
    void reads() noexcept { is_savepoint_used_ = is_savepoint_used_ || state_ == State::shared; }
    /// Is that error what a meeting with somebody else looks like?
    bool is_meeting(const std::string& code);
    /// Undoes a statement that failed, whose error the server has answered for.
    std::optional<Refusal> undo();
    /// From now on statements wait for locks.
    std::optional<Refusal> be_patient();

    /// The statement with copies in the place of tables: those that it writes, and all that there
    /// are already. Changed or not; a conflict when there is too much to copy, or when the
    /// statement cannot be worked on in copies, for it gets at a table in another way than by its
    /// name.
    std::expected<std::string, Refusal> on_copies(RowLock lock, const std::string& text);

    /// What the server says of copies, in an error or a line of a plan, is said of the tables.
    bool has_copies() const noexcept { return !originals_.empty(); }
    void name_originals(pgwire::ErrorFields& error) const;
    std::string with_originals(std::string line) const;

    /// Does what COMMIT has to do before it; says why there is nothing to commit.
    std::optional<Refusal> prepare_commit();
    /// Ends the block without a trace.
    void roll_back();

    /// Outside of a block, what is committed with the end of its batch has no more to do with
    /// others than PostgreSQL sees to, but for the rows that it locks: of these it leaves word,
    /// too, when there are blocks that began before it.
    bool concerns_others(StatementKind kind, RowLock lock) const;
    /// Such a statement is about to be executed.
    void executes_alone(StatementKind kind, RowLock lock, const std::string& text);
    bool has_word() const noexcept { return has_word_ && state_ == State::none; }
    /// Before it is committed.
    std::optional<Refusal> leave_word();
    void word_ends(BlockEnd end);
    /// The batch has ended.
    void forget_word();

private:
    /// A statement of ours. When it fails, all that the block did is undone, and the answer is a
    /// conflict.
    Backstage::Answer attempt(std::string_view statement);
    /// ROLLBACK in one of its forms, which nothing refuses.
    void undo_with(std::string_view statement);
    void remember_locks(RowLock lock, const std::string& text);
    /// Undoes all that the block did, for a conflict.
    std::unexpected<Refusal> give_up();
    /// What is wrong with a statement on the tables themselves, where it has no parameters.
    std::optional<Refusal> mistake_in(const std::string& text);
    void remember_originals(const json::array& originals);
    /// The steps of `prepare_commit`.
    std::optional<Refusal> check_schema();
    std::optional<Refusal> write_tables();
    std::optional<Refusal> check_deferred();
    std::optional<Refusal> check_locks();
    std::optional<Refusal> leave_locks();
    std::string locks_question() const;
    bool may_defer_keys() const;

    Backstage& backstage_;
    State state_ = State::none;
    bool is_savepoint_used_ = false; ///< something was executed behind the last savepoint
    bool has_savepoint_ = false;     ///< one behind the block's first
    std::optional<Loss> loss_;
    std::optional<std::string> saved_; ///< what a lost block had written
    bool has_ddl_ = false;
    bool has_dml_ = false;  ///< on the tables themselves
    bool has_word_ = false; ///< it has executed what concerns others, outside of a block
    /// A copy, or an index of one.
    struct Original {
        std::string copy;
        std::string name;
        std::string schema;
    };
    std::vector<Original> originals_;
    /// The names of tables, and views, that statements locked rows of, without their schemas.
    std::set<std::string> updated_; ///< FOR UPDATE
    std::set<std::string> shared_;  ///< FOR KEY SHARE
};

} // namespace nimbus::local::dsql
