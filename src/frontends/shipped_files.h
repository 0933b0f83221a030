#pragma once

#include "frontends/front_end.h"

#include <filesystem>
#include <string>
#include <vector>

/// Files that functions read when they run.
namespace nimbus::frontends {

struct ShippedFiles {
    std::vector<PackageFile> files; ///< by their paths in the project
    /// The directories that were searched: a new file there may be one of them.
    std::vector<std::filesystem::path> directories;
};

/// What becomes of a pattern that no file fits.
enum class WhenNone { refuse, accept };

/// The files that `patterns` of a manifest mean (manifest/grammar.h): below `project`, `*` and `?`
/// within a name, `**` for any directories, and a directory for all in it. `*` and `**` skip names
/// that begin with a dot, and node_modules. `name` is the application's file. Throws Error
/// for symbolic links to directories or out of the project, and for a pattern that no file fits.
ShippedFiles shipped_files(const std::vector<std::string>& patterns,
                           const std::filesystem::path& project, const std::string& name,
                           WhenNone when_none = WhenNone::refuse);

/// `files` and, where they are not the same, `more`. Throws Error when two files have one name in
/// the archive, or one of `more` has a `reserved` one.
std::vector<PackageFile> joined_files(std::vector<PackageFile> files,
                                      const std::vector<PackageFile>& more, const std::string& name,
                                      const std::vector<std::string>& reserved = {});

/// Throws Error when the files are larger than what Lambda unpacks.
void require_fits_lambda(const std::vector<PackageFile>& files, const std::string& name);

} // namespace nimbus::frontends
