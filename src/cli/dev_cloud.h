#pragma once

#include "base/unique_fd.h"
#include "cli/progress.h"
#include "local/home.h"

#include <filesystem>

namespace nimbus::cli {

/// The local cloud while `nimbus dev` runs, started if it does not run. One that a `nimbus dev` had
/// to start is stopped by the destructor of the last that uses it, unless `nimbus local start` was
/// told meanwhile that it shall run.
class DevCloud {
public:
    /// Throws Error as start_local_cloud does.
    explicit DevCloud(Progress& progress);
    ~DevCloud();
    DevCloud(const DevCloud&) = delete;
    DevCloud& operator=(const DevCloud&) = delete;

    /// Starts it again if it has ended; true if it had.
    bool revive();

    std::filesystem::path log_file() const { return home_.log_file(); }
    /// What its services keep, logs included.
    std::filesystem::path store() const { return home_.database(); }

private:
    void start();

    local::Home home_;
    Progress& progress_;
    UniqueFd users_; ///< the home's development file, locked by all that develop there
};

/// The cloud of this home goes on when nobody develops there any more.
void outlive_development(const local::Home& home);

} // namespace nimbus::cli
