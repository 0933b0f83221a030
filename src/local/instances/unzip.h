#pragma once

#include <cstdint>
#include <filesystem>

namespace nimbus::local {

/// Lambda's limit for unpacked code: 250 MB (Lambda Developer Guide, "Lambda quotas").
inline constexpr std::uint64_t max_unpacked_code = 250ULL * 1024 * 1024;

/// Unpacks the regular files of a zip, with their Unix permissions where it has them, into
/// `directory`, which is new. Symbolic links and other special entries are left out. Throws Error
/// when it is not a zip, when an entry's path leaves the directory, or beyond the limit; what is
/// unpacked by then stays.
void unzip(const std::filesystem::path& zip, const std::filesystem::path& directory);

} // namespace nimbus::local
