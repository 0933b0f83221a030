#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace nimbus::local {

/// Lambda's limit for unpacked code: 250 MB (Lambda Developer Guide, "Lambda quotas").
inline constexpr std::uint64_t max_unpacked_code = 250ULL * 1024 * 1024;

/// Unpacks the regular files of a zip, with their Unix permissions where it has them, into a new
/// directory. Symbolic links and other special entries are left out. It goes in small steps, so
/// that a large zip does not keep others waiting.
///
/// All throw Error: when it is not a zip, when an entry's path leaves the directory, or beyond the
/// limit. What is unpacked by then stays.
class Unzipping {
public:
    /// Opens the zip and makes the directory.
    Unzipping(const std::filesystem::path& zip, std::filesystem::path directory);
    ~Unzipping();
    Unzipping(const Unzipping&) = delete;
    Unzipping& operator=(const Unzipping&) = delete;

    /// One entry, or a part of a large one. False when there was nothing left to do.
    bool step();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace nimbus::local
