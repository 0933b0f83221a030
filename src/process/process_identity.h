#pragma once

#include <string>
#include <sys/types.h>

namespace nimbus::process {

/// Which process, in words that others can find out by whether it has ended.
struct ProcessIdentity {
    std::string boot_id;       ///< of the running kernel, new with each start of the machine
    std::string pid_namespace; ///< "pid:[4026531836]": process ids are numbers of it
    pid_t pid = 0;
    std::string start_time; ///< in clock ticks since boot; process ids are used again

    bool operator==(const ProcessIdentity&) const = default;
};

/// Of a process in this PID namespace. Members that cannot be read, as without /proc, are empty.
ProcessIdentity identity_of(pid_t pid);

/// The process is known to have ended: it ran under this kernel and in this PID namespace, and is
/// not there any more. False when it runs, and when that cannot be known from here.
/// Sources: proc_sys_kernel(5), pid_namespaces(7), proc_pid_stat(5), kill(2).
bool has_ended(const ProcessIdentity& identity);

} // namespace nimbus::process
