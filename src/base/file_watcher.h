#pragma once

#include "base/unique_fd.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace nimbus {

/// Tells which of a set of files changed: were written, replaced, made or removed. A file may be
/// missing, as may the directories above it. Not thread-safe.
///
/// By inotify(7), a watch for each directory, as editors replace files instead of writing them.
/// Where the system grants no watch (fs.inotify.max_user_watches), by looking at the files twice a
/// second.
class FileWatcher {
public:
    /// Throws Error when the system lacks descriptors.
    FileWatcher();

    /// From now on `files`, and which names there are in `directories`; names that begin with a dot
    /// or end with ~ do not count. What changed before this call is not told. All paths are
    /// absolute.
    void watch(const std::set<std::filesystem::path>& files,
               std::set<std::filesystem::path> directories);

    /// Readable when `changes` should be asked.
    int descriptor() const noexcept;
    /// What of it changed since the last call; a directory stands for its names.
    std::set<std::filesystem::path> changes();
    /// Of what `changes` told last, is a file still open for writing?
    bool is_being_written() const noexcept { return !being_written_.empty(); }

    /// Why the files are looked at instead of watched; empty: they are watched.
    const std::string& trouble() const noexcept { return trouble_; }

private:
    using Directory = std::filesystem::path;

    void add_directory(const Directory& directory);
    void look_instead(int error);
    void take_event(const Directory& directory, const std::string& name, std::uint32_t mask,
                    std::set<std::filesystem::path>& changed);
    std::set<std::filesystem::path> looked_at();

    UniqueFd inotify_;
    UniqueFd timer_; ///< only where the files are looked at
    std::map<int, Directory> by_watch_;
    std::map<Directory, int> by_directory_;
    /// With the real paths of those behind symbolic links; to the paths as they were given.
    std::multimap<std::filesystem::path, std::filesystem::path> files_;
    std::set<Directory> directories_;
    std::set<std::filesystem::path> being_written_;
    std::map<std::filesystem::path, std::string> looks_; ///< what each was like, where looked at
    std::string trouble_;
};

} // namespace nimbus
