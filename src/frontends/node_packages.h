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

/// The packages that `package` asks for by name when it runs, as far as they are installed.
std::vector<InstalledPackage> dependencies_of(const InstalledPackage& package);

/// What it works with when it is there, such as drivers, as far as that is installed. npm installs
/// none of them by itself.
std::vector<InstalledPackage> peers_of(const InstalledPackage& package);

/// "@scope/name/lib/a.js" -> "@scope/name"; "" for what names no package.
std::string package_in(std::string_view specifier);

/// What the package.json that is nearest to `directory` has.
struct DeclaredDependencies {
    std::vector<std::string> needed;           ///< dependencies, optionalDependencies
    std::vector<std::string> development_only; ///< devDependencies
};
DeclaredDependencies dependencies_declared_for(const std::filesystem::path& directory);

} // namespace nimbus::frontends
