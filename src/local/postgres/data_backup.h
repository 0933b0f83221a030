#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace nimbus::local::postgres {

/// Copies the data directory of a running server that is in backup mode. Between the data and the
/// write-ahead log, `finish` ends that mode and returns the backup's label. Throws Error.
void copy_running_data(const std::filesystem::path& data, const std::filesystem::path& target,
                       const std::function<std::string()>& finish);

} // namespace nimbus::local::postgres
