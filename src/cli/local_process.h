#pragma once

#include "base/log_line.h"
#include "local/home.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

/// The local cloud as a process of its own: started in the background, asked, stopped.
namespace nimbus::cli {

struct RunningCloud {
    pid_t pid = 0;
    local::HomeSettings settings;
    bool was_running = false; ///< it ran before we were asked to start it
};

/// How to start it; what is not set is chosen, or was chosen before.
struct CloudStart {
    std::optional<std::uint16_t> port;
    /// By default that of NIMBUS_LOG_LEVEL, else info.
    std::optional<LogLevel> log_level;
    bool no_sandbox = false; ///< functions see all of the machine: see local::CloudOptions
};

/// The cloud of this home if it runs and is ready.
std::optional<RunningCloud> find_running(const local::Home& home);

/// The major version of PostgreSQL that databases of the local cloud run on. Throws Error where
/// none is installed.
int installed_postgres();

/// Starts it unless it runs, and returns when its endpoint answers. Two callers at once start one.
/// Throws Error with the reason that the cloud gave, or when it runs otherwise than asked for.
RunningCloud start_local_cloud(const local::Home& home, const CloudStart& how = {});

/// Asks it to stop and waits until it is gone; false when none runs.
bool stop_local_cloud(const local::Home& home);

/// The body of the background process: `nimbus local serve`, which start_local_cloud runs. Tells
/// on descriptor 3 that it is ready, or why it is not.
int serve_local_cloud(const local::Home& home, const CloudStart& how);

} // namespace nimbus::cli
