#pragma once

#include <cstddef>
#include <string>

namespace nimbus::cli {

/// All of standard input; throws Error when it has more than `most` bytes.
std::string read_standard_input(std::size_t most);

/// The file, or standard input (at most 16 MiB of it) for "-". Throws Error.
std::string read_file_or_input(const std::string& path);

} // namespace nimbus::cli
