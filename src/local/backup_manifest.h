#pragma once

#include "local/backup_archive.h"
#include "local/home.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace nimbus::local {

/// How the files of a backup are laid out: counts up as `home_format` does.
inline constexpr std::int64_t backup_format = 1;

/// Beside the files of a backup; it has the size and SHA-256 of each.
inline constexpr const char* manifest_name = "manifest.json";

/// What a backup was made of.
struct BackupSummary {
    std::string account_id;
    std::string made; ///< ISO 8601
    std::size_t files = 0;
    std::uint64_t bytes = 0; ///< of these files
    std::size_t clusters = 0;
};

/// Writes the manifest of all files in `copy`.
BackupSummary write_manifest(const Home& copy, std::size_t clusters,
                             const Interruption& interruption);

/// Compares what was unpacked with the manifest, and takes that away. Throws Error that names
/// `archive` when they differ.
BackupSummary check_unpacked(const std::filesystem::path& archive,
                             const std::filesystem::path& directory,
                             const Interruption& interruption);

} // namespace nimbus::local
