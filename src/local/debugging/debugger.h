#pragma once

#include <cstdint>
#include <sys/types.h>

namespace nimbus::local {

/// How the instances of a function are started for a debugger.
struct DebugMode {
    /// Of Node's inspector, on 127.0.0.1; 0: the program waits for gdb or lldb.
    std::uint16_t inspector_port = 0;

    bool is_native() const noexcept { return inspector_port == 0; }
    bool operator==(const DebugMode&) const = default;
};

/// Is a debugger attached to a process that was started like that? To a native one by ptrace(2); to
/// Node, over a connection to the inspector's port. Sources: TracerPid in proc_pid_status(5), and
/// /proc/net/tcp in proc(5).
bool is_debugger_attached(const DebugMode& mode, pid_t process);

} // namespace nimbus::local
