#pragma once

#include "base/unique_fd.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace nimbus {

/// The whole file; throws Error that names the path.
std::string read_file(const std::filesystem::path& path);
/// Empty if there is no such file; other failures throw.
std::optional<std::string> read_file_if_exists(const std::filesystem::path& path);

/// How much of a file that somebody else names is read, and how long a pipe is waited for.
struct ReadLimits {
    std::size_t bytes = 1024 * 1024;
    std::chrono::milliseconds wait{5'000};
};
/// As read_file_if_exists, for settings and tokens. Throws Error when it is neither a regular file
/// nor a pipe, or exceeds the limits: `/dev/zero` never ends, and a pipe may have no writer.
std::optional<std::string> read_small_file_if_exists(const std::filesystem::path& path,
                                                     const ReadLimits& limits = {});

/// Replaces the file in one step (temporary file beside it, fsync, rename), so that a reader or a
/// crash sees the old content or the new. Creates it with `mode`.
void write_file(const std::filesystem::path& path, std::string_view content, mode_t mode = 0644);

/// As write_file, for a file that belongs to somebody else: it keeps its mode and owner, and a
/// symbolic link to it stays one. What cannot be replaced, as a file that is a mount point, is
/// written in place. Throws Error when there is no such file.
void rewrite_file(const std::filesystem::path& path, std::string_view content);

/// Creates the directory and its parents; the last one gets `mode` when it is new.
void make_directories(const std::filesystem::path& path, mode_t mode = 0755);

/// A directory of its own below $TMPDIR (or /tmp), mode 0700, removed with its content. What a
/// process left there that was killed, the next one with the same prefix removes.
class TemporaryDirectory {
public:
    explicit TemporaryDirectory(std::string_view prefix = "nimbus");
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
    /// Of the directory, with flock(2): the kernel lets go of it when the process ends.
    UniqueFd lock_;
};

} // namespace nimbus
