#pragma once

#include "frontends/module_graph.h"

#include <filesystem>
#include <set>
#include <string_view>
#include <vector>

/// Copies of the author's sources that are bundled in place of the sources, because something in
/// them had to be changed.
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

/// Each copy has the name of its source, and its imports stand for the same: for other copies where
/// there are such.
class SourceCopies {
public:
    /// `root`: what all sources lie below; `copies`: the directory that is made of it, empty now.
    SourceCopies(std::filesystem::path root, std::filesystem::path copies);

    std::filesystem::path copy_of(const std::filesystem::path& source) const;
    void add(const std::filesystem::path& source, std::string_view content);

private:
    void add_surroundings(const std::filesystem::path& source);
    void add_package(const std::filesystem::path& file) const;
    void add_configuration(const std::filesystem::path& file) const;
    std::string moved(const std::string& path) const;
    void write(const std::filesystem::path& file, std::string_view text) const;

    std::filesystem::path root_;
    std::filesystem::path copies_;
    std::set<std::filesystem::path> done_; ///< directories
};

} // namespace nimbus::frontends
