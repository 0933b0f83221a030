#pragma once

#include <sys/types.h>

namespace nimbus::process {

/// Does it stand still, as after SIGSTOP or for a debugger? False when that cannot be known.
bool is_stopped(pid_t pid);

} // namespace nimbus::process
