#pragma once

#include "base/time.h"

#include <filesystem>

namespace nimbus::local::postgres {

/// Clears away what a server that did not shut down left in `directory` and in the system: its
/// processes (known by their working directory, which is the data directory, so that a reused
/// process id harms nobody), its System V shared memory segment, its pid file and socket. The data
/// stays. The caller holds the directory's lock and has no server on it. Throws Error when a
/// process does not end.
void clear_leftovers(const std::filesystem::path& directory, Deadline deadline);

} // namespace nimbus::local::postgres
