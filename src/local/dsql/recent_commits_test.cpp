#include "local/dsql/recent_commits.h"

#include <gmock/gmock.h>

namespace nimbus::local::dsql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr RecentCommits::Session own = 1;
constexpr RecentCommits::Session other = 2;

TEST(RecentCommits, ConcernWhoBeganBefore)
{
    RecentCommits recent;
    const auto before = recent.begin();
    recent.add_locks(other, "locks");
    recent.confirm_locks(other);
    recent.add_changes(other, {{7, "t"}, {8, ""}});
    const auto after = recent.begin();
    EXPECT_THAT(recent.locks_since(own, before), ElementsAre("locks"));
    EXPECT_THAT(recent.changes_since(own, before), ElementsAre(7, 8));
    EXPECT_THAT(recent.changed_names_since(own, before), ElementsAre("t"));
    EXPECT_FALSE(recent.is_quiet_since(own, before));
    EXPECT_THAT(recent.locks_since(own, after), IsEmpty());
    EXPECT_THAT(recent.changes_since(own, after), IsEmpty());
    EXPECT_TRUE(recent.is_quiet_since(own, after));
}

TEST(RecentCommits, AreNoConcernOfTheirOwnSession)
{
    RecentCommits recent;
    const auto before = recent.begin();
    recent.add_locks(own, "locks");
    recent.add_changes(own, {{7, "t"}});
    EXPECT_TRUE(recent.is_quiet_since(own, before));
    EXPECT_THAT(recent.locks_since(own, before), IsEmpty());
    EXPECT_THAT(recent.changes_since(own, before), IsEmpty());
}

TEST(RecentCommits, LocksOfWhatWasNotCommittedAreWithdrawn)
{
    RecentCommits recent;
    const auto before = recent.begin();
    recent.add_locks(other, "committed");
    recent.confirm_locks(other);
    recent.add_locks(other, "undone");
    recent.withdraw_locks(other);
    EXPECT_THAT(recent.locks_since(own, before), ElementsAre("committed"));
}

TEST(RecentCommits, LocksConcernWhoBeginsWhileTheyAreBeingCommitted)
{
    RecentCommits recent;
    recent.add_locks(other, "locks");
    const auto meanwhile = recent.begin();
    EXPECT_THAT(recent.locks_since(own, meanwhile), ElementsAre("locks"));
    recent.forget_locks_before(meanwhile);
    recent.confirm_locks(other);
    EXPECT_THAT(recent.locks_since(own, meanwhile), ElementsAre("locks"));
    EXPECT_THAT(recent.locks_since(own, recent.begin()), IsEmpty());
}

TEST(RecentCommits, AreForgottenWithTheLastWhoBeganBefore)
{
    RecentCommits recent;
    const auto first = recent.begin();
    recent.add_locks(other, "early");
    recent.confirm_locks(other);
    recent.add_changes(other, {{7, "t"}});
    const auto second = recent.begin();
    recent.add_locks(other, "late");
    recent.confirm_locks(other);
    recent.add_changes(other, {{8, "u"}});
    recent.forget_locks_before(second);
    recent.forget_changes_before(second);
    EXPECT_THAT(recent.locks_since(own, first), ElementsAre("late"));
    EXPECT_THAT(recent.changes_since(own, first), ElementsAre(8));
}

} // namespace
} // namespace nimbus::local::dsql
