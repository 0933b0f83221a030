#pragma once

#include "local/services/needed_file.h"
#include "sqlite/database.h"

#include <vector>

namespace nimbus::local {

/// The contents of all objects, and of the parts of uploads. `database` outlives the result.
std::vector<NeededFile> needed_objects(sqlite::Database& database,
                                       const std::filesystem::path& directory);

} // namespace nimbus::local
