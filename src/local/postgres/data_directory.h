#pragma once

#include "base/time.h"
#include "base/unique_fd.h"
#include "local/postgres/postgres_server.h"
#include "process/child_process.h"

#include <filesystem>
#include <optional>

namespace nimbus::local::postgres {

/// Throws Error.
UniqueFd open_directory(const std::filesystem::path& path);

/// Makes an open directory ours until `prepare_directory` gives it back: root must not work where
/// another user can swap names. Throws Error.
void take_possession(int directory, const std::filesystem::path& path);

/// Whom PostgreSQL's programs run as: nothing means as ourselves, which they refuse for root.
std::optional<process::Identity> server_identity();

/// Makes `directory` the home of a database cluster unless it is one: below it then lies `data`, a
/// copy of the initialised template, which is made first when there is none. The directory and all
/// in it belong to `owner`. Throws Error.
///
/// Neither `owner` nor PostgreSQL needs access to the directories above (a home below /root is out
/// of reach for them): initdb and postgres get the data directory as an open descriptor.
void prepare_directory(const ServerOptions& options, const std::optional<process::Identity>& owner,
                       Deadline deadline);

/// Takes an advisory lock (flock(2)) on an open directory. False if somebody else has it at
/// `deadline`.
bool lock_directory(int directory, Deadline deadline);

} // namespace nimbus::local::postgres
