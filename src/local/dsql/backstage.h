#pragma once

#include "local/dsql/contention.h"
#include "local/dsql/database_connection.h"

#include <chrono>
#include <expected>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace nimbus::local::dsql {

/// What a conversation does with the database behind its client's back, while nothing else is
/// under way between them: what the client has prepared stays as it was. Each returns when it is
/// done, and throws like a Channel.
class Backstage {
public:
    using Answer = std::expected<std::optional<std::string>, Refusal>;

    virtual ~Backstage() = default;

    /// One statement after the other, up to the first that fails; gives the first value of the
    /// last row.
    virtual Answer run(std::initializer_list<std::string_view> statements) = 0;
    /// One statement; who stands in its way loses its block.
    virtual Answer run_first(std::string_view statement, Loss loss) = 0;
    /// After an error the server leaves out what it gets, up to here.
    virtual void synchronize() = 0;

    virtual void block_begins() = 0;
    virtual void block_ends(BlockEnd end) = 0;
    virtual void statement_ends(BlockEnd end) = 0;
    /// Why the block under way is lost, if it is.
    virtual std::optional<Loss> verdict() = 0;
    /// Was it for somebody else that the server has cancelled a statement?
    virtual bool was_cancelled() = 0;
    /// Is there no other session that could be in conflict with this one?
    virtual bool is_alone() = 0;

    /// As of Contention::Member.
    virtual bool is_another_in_block() = 0;
    virtual bool may_share_keys() = 0;
    virtual bool may_defer_keys() = 0;
    virtual bool has_news() = 0;
    virtual RecentCommits::Relations changed_by_others() = 0;
    virtual std::vector<std::string> locked_by_others() = 0;
    virtual bool has_old_catalog() = 0;
    virtual std::set<std::string> renew_catalog() = 0;
    virtual void leave_locks(std::string locks) = 0;
    virtual void leave_changes(const RecentCommits::Relations& changed) = 0;
};

class DatabaseBackstage : public Backstage {
public:
    /// All outlive it.
    DatabaseBackstage(DatabaseConnection& database, Contention& contention)
        : database_(database), contention_(contention),
          member_(contention, database.cancel_key().process_id)
    {
    }

    Answer run(std::initializer_list<std::string_view> statements) override;
    Answer run_first(std::string_view statement, Loss loss) override;
    void synchronize() override;
    void block_begins() override { member_.block_begins(); }
    void block_ends(BlockEnd end) override { member_.block_ends(end); }
    void statement_ends(BlockEnd end) override { member_.statement_ends(end); }
    std::optional<Loss> verdict() override { return member_.verdict(); }
    bool was_cancelled() override { return member_.was_cancelled(); }
    bool is_alone() override { return member_.is_alone(); }
    bool is_another_in_block() override { return member_.is_another_in_block(); }
    bool may_share_keys() override { return member_.may_share_keys(); }
    bool may_defer_keys() override { return member_.may_defer_keys(); }
    bool has_news() override { return member_.has_news(); }
    RecentCommits::Relations changed_by_others() override { return member_.changed_by_others(); }
    std::vector<std::string> locked_by_others() override { return member_.locked_by_others(); }
    bool has_old_catalog() override { return member_.has_old_catalog(); }
    std::set<std::string> renew_catalog() override { return member_.renew_catalog(); }
    void leave_locks(std::string locks) override { member_.leave_locks(std::move(locks)); }
    void leave_changes(const RecentCommits::Relations& changed) override
    {
        member_.leave_changes(changed);
    }

    /// Readable when `verdict` has something to say.
    int fd() const noexcept { return member_.fd(); }
    /// How long to wait for a statement's end before that attempt to clear its way: ever longer,
    /// up to `longest`. Attempts count from 0 on.
    static std::chrono::milliseconds patience(unsigned attempt, std::chrono::milliseconds longest);
    /// Looks who keeps the session's statement waiting: they lose their blocks. Those who are
    /// executing a statement are left in peace at first.
    void clear_the_way(Loss loss, unsigned attempt);

private:
    DatabaseConnection& database_;
    Contention& contention_;
    Contention::Member member_;
};

} // namespace nimbus::local::dsql
