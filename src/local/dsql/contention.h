#pragma once

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "local/dsql/superuser_connection.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
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
        void block_begins();
        void block_ends();
        /// Why the block under way is lost, if it is.
        std::optional<Loss> verdict();
        /// Is there no other session?
        bool is_alone();

        /// Waits until no other session commits changes that others may stand in the way of, and
        /// gives nothing when the own block is lost before.
        std::optional<Turn> wait_for_turn();

    private:
        Contention& contention_;
        std::uint32_t process_id_;
        UniqueFd event_;
    };

    /// The server and a role of it that may ask about all sessions; before there are members.
    void use(std::filesystem::path socket_path, std::string superuser);

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
        std::uint64_t block = 0; ///< 0: none
        std::optional<Loss> loss;
    };
    using Blocks = std::map<std::uint32_t, std::uint64_t>;

    Blocks blocks();
    std::string ask(const std::string& question);

    Mutex mutex_;
    std::map<std::uint32_t, Session> sessions_ NIMBUS_GUARDED_BY(mutex_); ///< by process
    std::uint64_t last_block_ NIMBUS_GUARDED_BY(mutex_) = 0;

    bool is_turn_taken_ NIMBUS_GUARDED_BY(mutex_) = false;
    ConditionVariable changed_; ///< whose turn it is, or who has lost

    Mutex connection_mutex_;
    std::filesystem::path socket_path_ NIMBUS_GUARDED_BY(connection_mutex_);
    std::string superuser_ NIMBUS_GUARDED_BY(connection_mutex_);
    std::optional<SuperuserConnection> connection_ NIMBUS_GUARDED_BY(connection_mutex_);
};

} // namespace nimbus::local::dsql
