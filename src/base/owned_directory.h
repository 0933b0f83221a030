#pragma once

#include "base/unique_fd.h"

#include <filesystem>
#include <string>
#include <vector>

namespace nimbus {

/// A new directory, mode 0700, that is removed with its content: as TemporaryDirectory
/// (base/file.h), in a place and with a name that say whose it is. What a process left that was
/// killed, the next one with the same name removes.
class OwnedDirectory {
public:
    /// In `root`; what follows `name_start` is random.
    OwnedDirectory(const std::filesystem::path& root, const std::string& name_start);
    ~OwnedDirectory();
    OwnedDirectory(const OwnedDirectory&) = delete;
    OwnedDirectory& operator=(const OwnedDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    /// It has become something else, under another name.
    void release() noexcept { path_.clear(); }

    /// Those in `root` whose process was killed.
    static std::vector<std::filesystem::path> abandoned(const std::filesystem::path& root,
                                                        const std::string& name_start);
    /// Removes these; what cannot be removed stays.
    static void remove_abandoned(const std::filesystem::path& root, const std::string& name_start);

private:
    std::filesystem::path path_;
    /// Of the directory, with flock(2): the kernel lets go of it when the process ends.
    UniqueFd lock_;

    friend class TemporaryDirectory;
};

} // namespace nimbus
