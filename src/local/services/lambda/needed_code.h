#pragma once

#include "local/services/needed_file.h"
#include "sqlite/database.h"

#include <vector>

namespace nimbus::local {

/// The zips of all functions.
std::vector<NeededFile> needed_code(sqlite::Database& database,
                                    const std::filesystem::path& directory);

} // namespace nimbus::local
