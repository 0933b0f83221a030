#pragma once

#include "frontends/build_record.h"
#include "frontends/front_end.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::frontends {

/// The package that applications in TypeScript and JavaScript are written with.
inline constexpr std::string_view node_sdk = "@hillock-tech/nimbus-js";

struct Bundle {
    std::vector<std::filesystem::path> inputs; ///< what it was made of
    std::vector<PackageFile> files;            ///< what Lambda gets; index.js is what Node runs
    std::vector<std::string> beside;           ///< the packages that go beside it as they are
    std::vector<FileStamp> stamps{};           ///< of further inputs, as they are now
};

/// With the permissions that matter to Lambda: may it be executed?
PackageFile package_file(std::string name, const std::filesystem::path& source);

/// Adds the files below `directory`, but for those in its node_modules, under `name`.
void add_directory(std::vector<PackageFile>& files, const std::filesystem::path& directory,
                   const std::filesystem::path& name);

/// What a bundle may consist of. Which of it there is depends on the program, and on whether it is
/// bundled for development.
std::vector<std::string> names_in_bundles();

struct BundleTools {
    std::filesystem::path node;
    std::filesystem::path esbuild;
};

/// Bundles the application into `place`/bundle: index.js, with application.mjs beside it where the
/// module has a top-level await; packages.js with the packages that are
/// loaded on demand, so that an instance that needs none does not read them; their source maps;
/// compiled addons that are required by name; and as they are installed, packages that do not work
/// within a bundle (packages_beside.h) and those that `named` says. Honours tsconfig.json
/// (decorator_metadata.h) or throws Error. Warnings about the author's own files go to tool_output,
/// errors are thrown with their place.
Bundle make_bundle(const BuildRequest& request, const BundleTools& tools,
                   const std::filesystem::path& place, const std::vector<std::string>& named);

} // namespace nimbus::frontends
