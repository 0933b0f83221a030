#pragma once

#include "base/unique_fd.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace nimbus::frontends {

/// Where an application is built: .nimbus/build/<key> in its project, held by one process at a
/// time, so that two deploys at once do not build into each other. Git ignores .nimbus.
class BuildDirectory {
public:
    /// Waits while another process builds in the project, after telling `progress` so. The
    /// directory's name is a hash of `key`: whatever makes an earlier build useless as a start.
    BuildDirectory(const std::filesystem::path& project, std::string_view key,
                   const std::function<void(std::string_view)>& progress);

    const std::filesystem::path& path() const noexcept { return path_; }

    /// That of another key in the same project, held together with this one.
    BuildDirectory beside(std::string_view key) const;

private:
    std::filesystem::path path_;
    std::shared_ptr<const UniqueFd> lock_;
};

} // namespace nimbus::frontends
