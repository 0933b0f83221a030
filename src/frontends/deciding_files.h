#pragma once

#include <filesystem>
#include <set>
#include <vector>

/// What decides, beside the modules themselves, which files the imports of a program in TypeScript
/// or JavaScript stand for.
namespace nimbus::frontends {

/// Files that steer what a name in an import stands for, as far as they are there.
std::set<std::filesystem::path> steering_files(const std::filesystem::path& project);

/// Beside these: what else is in the directories of the author's files among `inputs`, and the
/// configurations above them. `own` is where the build puts what it makes itself.
std::set<std::filesystem::path> deciding_paths(const std::vector<std::filesystem::path>& inputs,
                                               const std::filesystem::path& own);

} // namespace nimbus::frontends
