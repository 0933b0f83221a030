#pragma once

#include "local/backup_manifest.h"
#include "local/home.h"
#include "local/home_check.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace nimbus::local {

struct RestoreSteps {
    bool replace = false; ///< what the home holds is moved aside; otherwise it must hold nothing
    /// Is told what is going on.
    std::function<void(const std::string& sentence)> phase;
    /// Ends it between two files: nothing has changed then.
    Interruption interruption{};
};

struct Restored {
    std::filesystem::path home; ///< where a symbolic link leads
    BackupSummary backup;
    std::filesystem::path replaced; ///< what the home held before is here; empty: nothing
    std::vector<Damage> damage;     ///< which does not keep the cloud from starting
};

/// Makes the home what the backup holds, in one step, after all of it was read and checked. No
/// cloud can start in the home meanwhile. Throws Error; then the home is what it was.
Restored restore_home(const Home& home, const std::filesystem::path& file,
                      const RestoreSteps& steps);

} // namespace nimbus::local
