#pragma once

#include <optional>
#include <sys/types.h>

namespace nimbus::process {

/// Whom a process runs as, seen from here; nothing where that cannot be told, or it is gone.
/// Source: proc_pid_status(5).
std::optional<uid_t> user_of(pid_t process);

} // namespace nimbus::process
