#pragma once

#include "base/unique_fd.h"

namespace nimbus {

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

/// A pipe(7), blocking, both ends of which are closed in programs that are executed (O_CLOEXEC).
/// Throws Error.
Pipe make_pipe();

} // namespace nimbus
