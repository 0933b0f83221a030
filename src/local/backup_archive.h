#pragma once

#include "base/unique_fd.h"

#include <filesystem>
#include <functional>
#include <string>

namespace nimbus::local {

/// How a backup or a restore learns that a person interrupted it.
struct Interruption {
    std::function<bool()> asked{}; ///< unset: nobody can
    int descriptor = -1;           ///< readable from then on

    /// Throws process::Interrupted.
    void check() const;
};

/// The file of a backup, a tar archive that gzip compressed, while it is written: it has its name
/// when it is complete. Until then it has none, so nothing is left of it whatever ends the process.
/// On file systems where each file needs a name, it has another one, under which the next archive
/// of the same name finds and removes it.
class NewArchive {
public:
    /// Throws Error when the file cannot be written, UsageError when it is there already.
    explicit NewArchive(std::filesystem::path file);
    ~NewArchive();
    NewArchive(const NewArchive&) = delete;
    NewArchive& operator=(const NewArchive&) = delete;

    /// The entries of the directory, `first` before all others.
    void write(const std::filesystem::path& directory, const std::string& first,
               const Interruption& interruption);

private:
    void give_name();

    std::filesystem::path file_;
    std::filesystem::path partial_; ///< empty: it has no name
    UniqueFd opened_;
};

/// Unpacks an archive into an empty directory. Throws Error.
void unpack_archive(const std::filesystem::path& file, const std::filesystem::path& directory,
                    const Interruption& interruption);

} // namespace nimbus::local
