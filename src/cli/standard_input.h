#pragma once

#include <string>

namespace nimbus::cli {

/// The file, or standard input for "-". Throws UsageError when there is no such file, Error when it
/// cannot be read, and for more than 16 MiB of standard input.
std::string read_file_or_input(const std::string& path);

} // namespace nimbus::cli
