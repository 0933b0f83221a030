#pragma once

#include "frontends/front_end.h"
#include "frontends/module_graph.h"
#include "frontends/node_packages.h"

#include <filesystem>
#include <string>
#include <vector>

/// Packages that go beside a bundle as they are installed, because they do not work within it.
namespace nimbus::frontends {

/// Of the packages in `graph`, which has everything bundled: those with native parts; those that
/// start workers of their own files, and those that use these and look for files beside themselves
/// (pino); and the drivers that a package may load by a name that it makes when it runs: its peers,
/// as far as they are installed, not for development only, and not loaded by it in a way that
/// bundlers see. `project` is the application's directory.
std::vector<InstalledPackage> packages_beside(const ModuleGraph& graph,
                                              const std::filesystem::path& project);

/// The peers of packages that the author wants beside the bundle, by the same rules.
std::vector<InstalledPackage> drivers_of(const InstalledPackage& package,
                                         const std::filesystem::path& project);

/// The files of `packages` and of all that these need when they run. In node_modules, where
/// `require` finds for each the version that it finds where it is installed.
std::vector<PackageFile> files_of(const std::vector<InstalledPackage>& packages);

/// A sentence a package that loads others by names made when it runs, when dependencies of the
/// project are neither in the bundle nor `beside` it: one may be meant.
std::vector<std::string> warnings_of_loads(const ModuleGraph& graph,
                                           const std::vector<InstalledPackage>& beside,
                                           const std::filesystem::path& project);

} // namespace nimbus::frontends
