#include "local/debugging/debug_sessions.h"

#include <algorithm>
#include <utility>

namespace nimbus::local {

void DebugSessions::set(DebugSession session)
{
    const MutexLock lock(mutex_);
    std::erase_if(sessions_, [&](const auto& each) { return each.owner == session.owner; });
    if (!session.functions.empty())
        sessions_.push_back(std::move(session));
    is_on_.store(!sessions_.empty(), std::memory_order_relaxed);
}

std::optional<DebugMode> DebugSessions::mode_of(const std::string& function)
{
    if (!is_on_.load(std::memory_order_relaxed))
        return {};
    const MutexLock lock(mutex_);
    forget_ended();
    const auto found = std::ranges::find_if(
        sessions_, [&](const auto& each) { return each.functions.contains(function); });
    return found == sessions_.end() ? std::nullopt : std::optional(found->mode);
}

void DebugSessions::forget_ended()
{
    std::erase_if(sessions_, [](const auto& each) { return process::has_ended(each.owner); });
    is_on_.store(!sessions_.empty(), std::memory_order_relaxed);
}

void DebugSessions::started(const std::string& function, pid_t process)
{
    const MutexLock lock(mutex_);
    processes_[function] = process;
}

void DebugSessions::ended(const std::string& function, pid_t process, bool was_attached)
{
    const MutexLock lock(mutex_);
    is_expected_ = was_attached;
    if (const auto found = processes_.find(function);
        found != processes_.end() && found->second == process)
        processes_.erase(found);
}

std::map<std::string, pid_t> DebugSessions::processes() const
{
    const MutexLock lock(mutex_);
    return processes_;
}

bool DebugSessions::is_debugger_expected() const
{
    const MutexLock lock(mutex_);
    return is_expected_;
}

} // namespace nimbus::local
