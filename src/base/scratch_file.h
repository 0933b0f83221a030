#pragma once

#include <filesystem>
#include <string_view>

namespace nimbus {

/// As write_file (base/file.h), for what can be made again: it does not wait for the disk, and a
/// power failure may leave the file empty. Files that hold `content` already are left alone.
void write_scratch_file(const std::filesystem::path& path, std::string_view content);

} // namespace nimbus
