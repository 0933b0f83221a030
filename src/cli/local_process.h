#pragma once

#include "local/home.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

/// The local cloud as a process of its own: started in the background, asked, stopped.
namespace nimbus::cli {

struct RunningCloud {
    pid_t pid = 0;
    local::HomeSettings settings;
    bool was_running = false; ///< it ran before we were asked to start it
};

/// The cloud of this home if it runs and is ready.
std::optional<RunningCloud> find_running(const local::Home& home);

/// Starts it unless it runs, and returns when its endpoint answers. Two callers at once start one.
/// Throws Error with the reason that the cloud gave.
RunningCloud start_local_cloud(const local::Home& home, std::optional<std::uint16_t> port = {});

/// Asks it to stop and waits until it is gone; false when none runs.
bool stop_local_cloud(const local::Home& home);

/// What the cloud writes to its log while this object lives: the reasons of failures that AWS's
/// APIs have no place for.
class LogWatch {
public:
    explicit LogWatch(const local::Home& home);
    /// The last lines since then, without their times; empty if there are none.
    std::vector<std::string> lines() const;

private:
    std::filesystem::path file_;
    std::uintmax_t start_ = 0; ///< bytes
};

/// The body of the background process: `nimbus local serve`, which start_local_cloud runs. Tells
/// on descriptor 3 that it is ready, or why it is not.
int serve_local_cloud(const local::Home& home, std::optional<std::uint16_t> port);

} // namespace nimbus::cli
