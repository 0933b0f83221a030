#pragma once

#include "frontends/shipped_files.h"

#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::frontends {

struct FilesRead {
    ShippedFiles shipped;
    std::vector<std::string> warnings; ///< sentences that begin with the place in a source
};

/// What the author's `sources` read when they run by paths that begin with their own place
/// (own_place.h): files, and directories with all in them, but for sources. `project` is the
/// application's directory and `name` its file.
FilesRead files_read_by(const std::vector<std::filesystem::path>& sources,
                        const std::filesystem::path& project, const std::string& name);

} // namespace nimbus::frontends
