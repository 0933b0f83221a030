#pragma once

#include "local/home.h"

#include <filesystem>
#include <functional>
#include <string>

namespace nimbus::local {

/// How the files of a backup are laid out: counts up as `home_format` does.
inline constexpr std::int64_t backup_format = 1;

struct BackupSteps {
    /// Is told what is going on.
    std::function<void(const std::string& sentence)> phase;
    /// Copies a cluster's data to `<directory>/data` while it is served. Unset: no cloud runs, and
    /// the caller holds the home's lock.
    std::function<void(const std::string& id, const std::string& region,
                       const std::filesystem::path& directory)>
        copy_cluster{};
};

/// What a backup was made of.
struct BackupSummary {
    std::string account_id;
    std::string made; ///< ISO 8601
    std::size_t files = 0;
    std::uint64_t bytes = 0; ///< of these files
    std::size_t clusters = 0;
};

/// Writes all that the home holds to a new file, mode 0600: a tar archive, compressed by gzip, with
/// a manifest that has the size and SHA-256 of each file. The database, and with it all objects and
/// functions, is of one moment, and so is each cluster. The file is there when it is complete.
/// Throws Error.
BackupSummary back_up_home(const Home& home, const std::filesystem::path& file,
                           const BackupSteps& steps);

/// Makes the home what the backup holds, in one step, after all of it was read and checked. What
/// the home held before is kept beside it: its path is returned, empty when there was nothing.
/// No cloud may run in the home. Throws Error; then the home is what it was.
struct Restored {
    BackupSummary backup;
    std::filesystem::path replaced;
};
Restored restore_home(const Home& home, const std::filesystem::path& file,
                      const std::function<void(const std::string& sentence)>& phase);

} // namespace nimbus::local
