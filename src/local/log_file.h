#pragma once

#include "base/log.h"

#include <filesystem>
#include <vector>

namespace nimbus::local {

/// A log that is written to `file`, mode 0600, each line at once. When the file has grown to 5 MB
/// it becomes `<name>.1.log`, that one `<name>.2.log`, and what was there before is gone. Throws
/// Error when the file cannot be written.
Log open_log_file(const std::filesystem::path& file, LogLevel level);

/// Where the lines of such a log may be, the oldest first; the last one is `file` itself.
std::vector<std::filesystem::path> log_files(const std::filesystem::path& file);

} // namespace nimbus::local
