#pragma once

#include <cstdint>
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

    /// A transaction that is about to be committed holds these locks: see sys.nimbus_locks.
    void add_locks(Session session, std::string locks);
    /// It was not committed.
    void withdraw_locks(Session session, Time since);
    void add_changes(Session session, const Relations& changed);

    /// Since then, by others.
    std::vector<std::string> locks_since(Session session, Time since) const;
    Relations changes_since(Session session, Time since) const;
    bool is_quiet_since(Session session, Time since) const;

    /// No transaction is left that began before.
    void forget_before(Time oldest);

private:
    struct Locks {
        Session session = 0;
        Time time = 0;
        std::string locks;
    };
    struct Change {
        Session session = 0;
        Time time = 0;
    };

    Time now_ = 0;
    std::list<Locks> locks_;
    std::map<Relation, Change> changes_; ///< the last of each relation
};

} // namespace nimbus::local::dsql
