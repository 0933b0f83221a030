#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace nimbus::deploy {

/// For each task, the tasks that have to be done before it.
using Prerequisites = std::vector<std::vector<std::size_t>>;

/// Runs the tasks 0 … after.size() - 1, each on a thread of its own choosing, at most `workers` at
/// a time, each after its prerequisites. When `run` returns false, what is under way ends and
/// nothing new starts. `run` must not throw. Throws std::logic_error when the tasks wait for each
/// other.
void run_tasks(const Prerequisites& after, int workers,
               const std::function<bool(std::size_t)>& run);

/// Runs `body(i)` for each i below `count`, at most `workers` at a time. Throws what the first
/// `body` that failed threw, when all have ended; then nothing new started after it.
void run_in_parallel(std::size_t count, int workers, const std::function<void(std::size_t)>& body);

} // namespace nimbus::deploy
