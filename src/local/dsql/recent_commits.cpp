#include "local/dsql/recent_commits.h"

#include <algorithm>
#include <utility>

namespace nimbus::local::dsql {
namespace {

/// Does a transaction of `session` that began at `since` have to know of it?
bool concerns(const auto& left, RecentCommits::Session session, RecentCommits::Time since)
{
    return left.time > since && left.session != session;
}

} // namespace

void RecentCommits::add_locks(Session session, std::string locks)
{
    locks_.push_back({.session = session, .locks = std::move(locks)});
}

void RecentCommits::confirm_locks(Session session)
{
    for (auto& left : locks_)
        if (left.session == session && left.time == not_yet)
            left.time = ++now_;
}

void RecentCommits::withdraw_locks(Session session)
{
    std::erase_if(
        locks_, [&](const Locks& left) { return left.session == session && left.time == not_yet; });
}

void RecentCommits::add_changes(Session session, const std::map<Relation, std::string>& changed)
{
    ++now_;
    for (const auto& [relation, name] : changed)
        changes_[relation] = {.session = session, .time = now_, .name = name};
}

std::vector<std::string> RecentCommits::locks_since(Session session, Time since) const
{
    std::vector<std::string> found;
    for (const auto& left : locks_)
        if (concerns(left, session, since))
            found.push_back(left.locks);
    return found;
}

RecentCommits::Relations RecentCommits::changes_since(Session session, Time since) const
{
    Relations found;
    for (const auto& [relation, change] : changes_)
        if (concerns(change, session, since))
            found.insert(relation);
    return found;
}

std::set<std::string> RecentCommits::changed_names_since(Session session, Time since) const
{
    std::set<std::string> found;
    for (const auto& [relation, change] : changes_)
        if (concerns(change, session, since) && !change.name.empty())
            found.insert(change.name);
    return found;
}

bool RecentCommits::is_quiet_since(Session session, Time since) const
{
    const auto is_ours = [&](const auto& left) { return concerns(left, session, since); };
    return std::ranges::none_of(locks_, is_ours) &&
           std::ranges::none_of(changes_, [&](const auto& each) { return is_ours(each.second); });
}

void RecentCommits::forget_locks_before(Time oldest)
{
    std::erase_if(locks_, [&](const Locks& left) { return left.time <= oldest; });
}

void RecentCommits::forget_changes_before(Time oldest)
{
    std::erase_if(changes_, [&](const auto& each) { return each.second.time <= oldest; });
}

} // namespace nimbus::local::dsql
