#pragma once

#include "process/child_process.h"

namespace nimbus::process {

/// A person interrupted it.
class Interrupted : public Error {
public:
    using Error::Error;
};

/// As `run`; when the descriptor `interrupt` becomes readable, the program is killed, and this
/// throws Interrupted.
Output run(SpawnOptions options, Deadline deadline, const OutputLimit& limit, int interrupt);

} // namespace nimbus::process
