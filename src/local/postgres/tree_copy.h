#pragma once

#include "process/child_process.h"

#include <filesystem>
#include <functional>
#include <optional>

namespace nimbus::local::postgres {

/// How the copy of a directory differs from it.
struct TreeCopyRules {
    /// Takes the path below the source; unset: everything is copied.
    std::function<bool(const std::filesystem::path& relative)> leaves_out{};
    /// Somebody works in the source: what has gone since it was listed is no failure.
    bool may_vanish = false;
};

/// Copies a directory with everything in it to `target`, which must not exist. Files share their
/// blocks with the source where the file system can (FICLONE of ioctl_ficlone(2)), else the kernel
/// copies them. Everything gets `owner`, files 0600 and directories 0700; symbolic links, of which
/// a data directory has none, are refused. Throws Error and leaves nothing.
void copy_tree(const std::filesystem::path& source, const std::filesystem::path& target,
               const std::optional<process::Identity>& owner, const TreeCopyRules& rules = {});

} // namespace nimbus::local::postgres
