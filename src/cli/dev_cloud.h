#pragma once

#include "cli/progress.h"
#include "local/home.h"

#include <filesystem>

namespace nimbus::cli {

/// The local cloud while `nimbus dev` runs, started if it does not run. One that had to be started
/// is stopped again by the destructor.
class DevCloud {
public:
    /// Throws Error as start_local_cloud does.
    explicit DevCloud(Progress& progress);
    ~DevCloud();
    DevCloud(const DevCloud&) = delete;
    DevCloud& operator=(const DevCloud&) = delete;

    std::filesystem::path log_file() const { return home_.log_file(); }
    /// What its services keep, logs included.
    std::filesystem::path store() const { return home_.database(); }

private:
    local::Home home_;
    bool was_running_;
};

} // namespace nimbus::cli
