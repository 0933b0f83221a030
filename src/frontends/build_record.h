#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nimbus::frontends {

/// What a file was when it was looked at, or which names a directory held: a new file may take the
/// place of another that was found in its absence. Names that begin with a dot do not count.
struct FileStamp {
    std::filesystem::path path;
    std::uintmax_t size = 0; ///< bytes; 0 for a directory
    /// Nanoseconds since the epoch; 0 when the file was so young that a later change could have
    /// left the same time.
    std::int64_t modified = 0;
    std::string sha256; ///< of the content or the names, hexadecimal

    bool operator==(const FileStamp&) const = default;
};

/// Throws Error when it cannot be read.
FileStamp stamp_file(const std::filesystem::path& path);

/// Those in the record in `path`, whether it is current or not; none when there is none.
std::vector<FileStamp> recorded_stamps(const std::filesystem::path& path);
/// Of `paths`. What `known` has and did not change is not read again: compilers and libraries are
/// large.
std::vector<FileStamp> stamp_files(const std::set<std::filesystem::path>& paths,
                                   const std::vector<FileStamp>& known);

/// Is the file still what it was? Reads its content only when size and time do not tell; then
/// `stamp` gets the time, so that they do next time.
bool is_unchanged(FileStamp& stamp);

/// How files were made: the commands, and all that went into and came out of them.
struct BuildRecord {
    std::string commands;
    std::vector<FileStamp> files;

    bool operator==(const BuildRecord&) const = default;

    /// The paths of those that lie outside of `directory`, where the outputs are.
    std::vector<std::filesystem::path> inputs(const std::filesystem::path& directory) const;
};

/// The record in `path`, when running `commands` would give what is there already; nothing when it
/// would not, or when there is no record or none that can be understood.
std::optional<BuildRecord> current_record(const std::filesystem::path& path,
                                          const std::string& commands);

/// Now, by the clock that gives files their times: nanoseconds since the epoch.
std::int64_t file_clock_now();

/// Keeps the record of a build that began at `began`, by file_clock_now. Nothing is kept when a
/// file outside of the record's directory, where the outputs are, changed since: it may have been
/// read before.
void save_record(const std::filesystem::path& path, const BuildRecord& record, std::int64_t began);

} // namespace nimbus::frontends
