#pragma once

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "local/dsql/recent_commits.h"
#include "local/dsql/superuser_connection.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace nimbus::local::dsql {

/// What somebody else changed when a block has lost what it did.
enum class Loss {
    rows,   ///< OC000
    schema, ///< OC001
};
/// DSQL's words for it.
Refusal conflict(Loss loss);

enum class BlockEnd { committed, undone };

/// Who stands in whose way in one cluster. PostgreSQL's locks are those of who came first; DSQL has
/// none, and who commits first wins. So a session that commits has those make way whose blocks hold
/// what it waits for: their locks go, and their COMMIT will fail. Thread-safe.
class Contention {
public:
    /// Of one session at a time.
    class Turn {
    public:
        explicit Turn(Contention& contention) noexcept : contention_(&contention) {}
        Turn(Turn&& other) noexcept : contention_(std::exchange(other.contention_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn();

    private:
        Contention* contention_;
    };

    /// A session of the cluster, from its login to its end. For its thread.
    class Member {
    public:
        Member(Contention& contention, std::uint32_t process_id);
        ~Member();
        Member(const Member&) = delete;
        Member& operator=(const Member&) = delete;

        /// Readable when its block has to make way, until `verdict` was asked.
        int fd() const noexcept { return event_.get(); }
        /// Before its BEGIN: what is left from then on, its snapshot may not have.
        void block_begins();
        void block_ends(BlockEnd end);
        /// A transaction outside of a block has ended.
        void statement_ends(BlockEnd end);
        /// Why the block under way is lost, if it is.
        std::optional<Loss> verdict();
        /// Has what the session executes been cancelled for somebody else, just now? It may have
        /// been the statement after the one that was meant.
        bool was_cancelled();
        /// Is there no other session?
        bool is_alone();

        /// Is another session in a block?
        bool is_another_in_block();
        /// Does that, or may it, have to know which rows the foreign keys of this one have locked?
        bool may_share_keys();
        /// Are there, or may there be, foreign keys that are checked at COMMIT only?
        bool may_defer_keys();
        /// What others have left since the block under way began.
        bool has_news();
        RecentCommits::Relations changed_by_others();
        std::vector<std::string> locked_by_others();
        /// Has the catalogue been changed since this session got to know it? It has no copy of it
        /// before its first transaction.
        bool has_old_catalog();
        /// The tables of those changes, by their names, which it knows from now on.
        std::set<std::string> renew_catalog();
        /// For the blocks of others: what the one under way has locked, which is about to be
        /// committed; and what a transaction that is committed has changed.
        void leave_locks(std::string locks);
        void leave_changes(const RecentCommits::Relations& changed);

        /// Waits until no other session commits changes that others may stand in the way of, and
        /// gives nothing when the own block is lost before.
        std::optional<Turn> wait_for_turn();

    private:
        void settle_locks(BlockEnd end) NIMBUS_REQUIRES(contention_.mutex_);

        Contention& contention_;
        std::uint32_t process_id_;
        UniqueFd event_;
        bool is_in_block_ = false;
        std::optional<std::uint64_t> schema_; ///< of which version it knows it
    };

    /// The server, a role of it that may ask about all sessions, and the database that it connects
    /// to; before there are members.
    void use(std::filesystem::path socket_path, std::string superuser,
             std::string database = "postgres");

    enum class Haste {
        none,
        cancel, ///< what they are executing ends, too
        end,    ///< as do they: their clients do not take what they are sent
    };
    /// Of the sessions for which `process_id` waits, those in a block have lost it.
    void clear_the_way(std::uint32_t process_id, Loss loss, Haste haste);

private:
    struct Session {
        int event = -1;
        RecentCommits::Time block = 0; ///< when the one under way began; 0: none
        std::optional<Loss> loss;
        std::optional<RecentCommits::Time> catalog; ///< of what time it knows it
        std::optional<Deadline> cancelled;          ///< up to when that may still strike
    };
    using Blocks = std::map<std::uint32_t, RecentCommits::Time>;

    Blocks blocks();
    /// What foreign keys there are.
    struct ForeignKeys {
        bool any = true;
        bool deferrable = true;
    };
    ForeignKeys foreign_keys();
    std::map<RecentCommits::Relation, std::string>
    names_of(const RecentCommits::Relations& changed);
    void forget_what_nobody_needs() NIMBUS_REQUIRES(mutex_);
    std::string ask(const std::string& question);

    Mutex mutex_;
    std::map<std::uint32_t, Session> sessions_ NIMBUS_GUARDED_BY(mutex_); ///< by process
    /// Of these, in a block. Changes with the lock, and is read without by each that commits.
    std::atomic<std::size_t> in_block_ = 0;
    RecentCommits recent_ NIMBUS_GUARDED_BY(mutex_);
    /// Counts its changes, with the lock; each statement compares it without.
    std::atomic<std::uint64_t> schema_ = 0;
    std::optional<ForeignKeys> foreign_keys_ NIMBUS_GUARDED_BY(mutex_); ///< of that schema

    bool is_turn_taken_ NIMBUS_GUARDED_BY(mutex_) = false;
    ConditionVariable changed_; ///< whose turn it is, or who has lost

    Mutex connection_mutex_;
    std::filesystem::path socket_path_ NIMBUS_GUARDED_BY(connection_mutex_);
    std::string superuser_ NIMBUS_GUARDED_BY(connection_mutex_);
    std::string database_ NIMBUS_GUARDED_BY(connection_mutex_);
    std::optional<SuperuserConnection> connection_ NIMBUS_GUARDED_BY(connection_mutex_);
};

} // namespace nimbus::local::dsql
