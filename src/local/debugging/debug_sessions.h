#pragma once

#include "base/mutex.h"
#include "local/debugging/debugger.h"
#include "process/process_identity.h"

#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nimbus::local {

/// What a process, such as `nimbus debug`, asks for as long as it runs.
struct DebugSession {
    process::ProcessIdentity owner;
    std::set<std::string> functions; ///< by AWS's names
    DebugMode mode{};
};

/// Which functions are debugged, and the processes that were started for that. One for a cloud.
/// Thread-safe; while nothing is debugged, a question costs one relaxed load.
class DebugSessions {
public:
    /// In the place of what the same process asked for before. Without functions, it ends.
    void set(DebugSession session);

    /// How instances of the function are started; nothing when nobody debugs it, or no more.
    std::optional<DebugMode> mode_of(const std::string& function);

    /// An instance of the function was started for a debugger …
    void started(const std::string& function, pid_t process);
    /// … and has ended, with a debugger attached or not.
    void ended(const std::string& function, pid_t process, bool was_attached);
    /// By function, the process that was started last and runs.
    std::map<std::string, pid_t> processes() const;
    /// Was a debugger attached to the last process that ended? It will attach to the next one.
    bool is_debugger_expected() const;

private:
    void forget_ended() NIMBUS_REQUIRES(mutex_);

    std::atomic<bool> is_on_ = false;
    mutable Mutex mutex_;
    std::vector<DebugSession> sessions_ NIMBUS_GUARDED_BY(mutex_);
    std::map<std::string, pid_t> processes_ NIMBUS_GUARDED_BY(mutex_);
    bool is_expected_ NIMBUS_GUARDED_BY(mutex_) = false;
};

} // namespace nimbus::local
