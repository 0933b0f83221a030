#pragma once

#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace nimbus::local::dsql {

/// What transactions have left behind in one cluster that concerns those which began before them,
/// and of which PostgreSQL keeps no trace: the rows that they locked, and the relations that they
/// changed. Not thread-safe.
class RecentCommits {
public:
    /// Counts up: what has the later one was later.
    using Time = std::uint64_t;
    /// The process of a session.
    using Session = std::uint32_t;
    using Relation = std::uint32_t; ///< its OID
    using Relations = std::set<Relation>;

    /// What begins now sees all that was left before.
    Time begin() noexcept { return ++now_; }

    /// A transaction that is about to be committed holds these locks: see sys.nimbus_locks. Until
    /// it is known how that went, they are everybody's concern.
    void add_locks(Session session, std::string locks);
    /// It was committed, now at the latest.
    void confirm_locks(Session session);
    /// It was not committed.
    void withdraw_locks(Session session);
    /// `changed` with their names.
    void add_changes(Session session, const std::map<Relation, std::string>& changed);

    /// Since then, by others.
    std::vector<std::string> locks_since(Session session, Time since) const;
    Relations changes_since(Session session, Time since) const;
    std::set<std::string> changed_names_since(Session session, Time since) const;
    bool is_quiet_since(Session session, Time since) const;

    /// No transaction is left that began before …
    void forget_locks_before(Time oldest);
    /// … nor a session that knows the catalogue of a time before.
    void forget_changes_before(Time oldest);

private:
    /// When something will have been committed that may be by now.
    static constexpr Time not_yet = std::numeric_limits<Time>::max();

    struct Locks {
        Session session = 0;
        Time time = not_yet;
        std::string locks;
    };
    struct Change {
        Session session = 0;
        Time time = 0;
        std::string name{};
    };

    Time now_ = 0;
    std::list<Locks> locks_;
    std::map<Relation, Change> changes_; ///< the last of each relation
};

} // namespace nimbus::local::dsql
