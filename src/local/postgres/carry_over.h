#pragma once

#include "base/time.h"
#include "local/postgres/postgres_server.h"
#include "process/child_process.h"

#include <filesystem>
#include <optional>

namespace nimbus::local::postgres {

/// Makes the data below `options.directory`, which `old` serves, data of `options.installation`: a
/// server of each runs, the old one's database is dumped and restored into the new one. Objects are
/// made by the superuser, but rows are copied and keys and constraints checked by the tables'
/// owners, so that no function of theirs runs as anybody else. Then the new data takes the place of
/// the old, which stays below the directory until `discard_old_data`. Throws Error with the way
/// out; then the data is what it was.
void carry_over(const ServerOptions& options, const Installation& old,
                const std::optional<process::Identity>& identity, Deadline deadline);

/// Below the cluster's directory: where the new data is made, and where the old data is kept.
std::filesystem::path carry_over_directory(const std::filesystem::path& directory);

/// Puts the old data back where a crash has come between the two renames of `carry_over`. What any
/// other crash leaves, the next `carry_over` clears away.
void undo_half_a_swap(const std::filesystem::path& directory);

bool has_old_data(const std::filesystem::path& directory);
/// Throws Error.
void discard_old_data(const std::filesystem::path& directory);

} // namespace nimbus::local::postgres
