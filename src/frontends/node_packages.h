#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Packages in node_modules, found as Node finds them (Node.js documentation, "Modules: CommonJS
/// modules", "Loading from node_modules folders").
namespace nimbus::frontends {

/// The directory of package `name` as seen from a file in `directory`: in the nearest node_modules
/// that has it, at its real place.
std::optional<std::filesystem::path> find_package(const std::filesystem::path& directory,
                                                  std::string_view name);

struct InstalledPackage {
    std::string name;
    std::filesystem::path directory;

    bool operator==(const InstalledPackage&) const = default;
};

/// The package that a file belongs to; nothing for a file that is in no node_modules.
std::optional<InstalledPackage> package_of(const std::filesystem::path& file);

/// Does it have parts that are compiled for the machine, and that it looks for when it runs, where
/// no bundler can see it?
bool has_native_parts(const InstalledPackage& package);

/// The packages that `package` needs when it runs, as far as they are installed, each once, itself
/// first.
std::vector<InstalledPackage> with_dependencies(const InstalledPackage& package);

} // namespace nimbus::frontends
