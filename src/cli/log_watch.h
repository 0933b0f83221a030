#pragma once

#include "cli/cloud_log.h"

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::cli {

/// What goes wrong in the local cloud while this object lives: the reasons of failures that AWS's
/// APIs have no place for.
class LogWatch {
public:
    explicit LogWatch(std::filesystem::path log_file);
    /// The last warnings and errors since then, as sentences; empty if there are none.
    std::vector<std::string> lines();

private:
    CloudLogReader reader_;
    std::deque<std::string> last_;
};

} // namespace nimbus::cli
