#pragma once

#include "frontends/module_graph.h"

#include <filesystem>
#include <vector>

/// Which files of a bundle are the author's own, and what kind they are of.
namespace nimbus::frontends {

/// The files of `graph` that belong to no package, but for what the build made in `place`.
std::vector<std::filesystem::path> authors_files(const ModuleGraph& graph,
                                                 const std::filesystem::path& place);

/// TypeScript or JavaScript, by its name.
bool is_script(const std::filesystem::path& file);

bool is_below(const std::filesystem::path& file, const std::filesystem::path& directory);

/// The nearest directory that `directory` and all files lie below.
std::filesystem::path common_root(const std::vector<std::filesystem::path>& files,
                                  std::filesystem::path directory);

} // namespace nimbus::frontends
