#pragma once

#include "frontends/module_graph.h"
#include "frontends/node_packages.h"
#include "frontends/shipped_files.h"

#include <filesystem>
#include <map>
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

struct FilesReadByPackages {
    /// The modules of packages that ask where they are.
    std::vector<std::filesystem::path> modules;
    /// What they read, by its path in the archive (own_place.h).
    std::map<std::string, std::filesystem::path> files;
};

/// The same of the packages that are bundled: those in `graph` that do not go `beside` the bundle.
/// What is not there or outside of the package is left out without a word: a package may have it
/// for other circumstances.
FilesReadByPackages files_read_by_packages(const ModuleGraph& graph,
                                           const std::vector<InstalledPackage>& beside,
                                           const std::filesystem::path& project);

} // namespace nimbus::frontends
