#pragma once

#include "local/backup_archive.h"
#include "local/backup_manifest.h"
#include "local/home.h"

#include <filesystem>
#include <functional>
#include <string>

namespace nimbus::local {

struct BackupSteps {
    /// Is told what is going on.
    std::function<void(const std::string& sentence)> phase;
    /// Ends it between two files: nothing is left then.
    Interruption interruption{};
    /// Copies a cluster's data to `<directory>/data` while it is served. Unset: no cloud runs, and
    /// the caller holds the home's lock.
    std::function<void(const std::string& id, const std::string& region,
                       const std::filesystem::path& directory)>
        copy_cluster{};
};

/// Writes all that the home holds to a new file, mode 0600: a tar archive, compressed by gzip, with
/// a manifest that has the size and SHA-256 of each file. The database, and with it all objects and
/// functions, is of one moment, and so is each cluster. The file is there when it is complete.
/// Throws Error, also when the home is damaged: a backup of it would promise what it does not hold.
BackupSummary back_up_home(const Home& home, const std::filesystem::path& file,
                           const BackupSteps& steps);

} // namespace nimbus::local
