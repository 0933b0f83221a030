#pragma once

#include "manifest/manifest.h"
#include "manifest/section.h"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

/// From a source file to what a deploy needs: builds the application, asks it what it declares,
/// packages it.
namespace nimbus::frontends {

/// An archive that Lambda gets.
struct Package {
    std::filesystem::path zip; ///< stays until next time
    std::string sha256;        ///< of the archive's bytes, hexadecimal
};

/// What a program declares, and the archives of its code.
struct BuiltApplication {
    manifest::Manifest manifest;
    std::filesystem::path file;      ///< absolute: what was loaded, such as …/main.cpp
    std::filesystem::path directory; ///< the project's, in which `file` lies
    /// By architecture, each one that a function has in `manifest`.
    std::map<std::string, Package> packages;
    /// What functions declare and `manifest` does not say, as they are built for this machine.
    std::set<std::string> other_architectures;
    /// What it was built from, as far as it is the author's: files, and directories by the names in
    /// them. Of packages, the lock file stands for all.
    std::set<std::filesystem::path> inputs;
};

class KeptTools;

struct LoadOptions {
    /// Where the functions are to run: wherever this program runs, or in Lambda, which has the
    /// architectures that they declare. Here, `BuiltApplication::manifest` says this machine's.
    enum class Place { here, lambda };

    /// Development wants the next build soon: without optimisation, with what a debugger needs, and
    /// linked to what this machine has. Only with Place::here.
    enum class Purpose { deployment, development };

    Place place = Place::here;
    Purpose purpose = Purpose::deployment;
    /// What a manifest may have: the kinds of resource know.
    manifest::Sections sections;
    /// --stage: replaces the application's stage and every API's.
    std::optional<std::string> stage;
    /// Where libnimbus lies (include, lib/libnimbus.a, lib/cmake/nimbus, lib/nimbus); empty: the
    /// directory above the one of the running program, installed or built.
    std::filesystem::path prefix;
    /// Told what begins that may take long: "Compiling main.cpp". Not called when all is up to
    /// date.
    std::function<void(std::string_view)> progress;
    /// Gets what the compiler or CMake said before the failure is thrown, in whole lines; unset:
    /// standard error.
    std::function<void(std::string_view)> tool_output;
    /// What builds of the same application leave to the next one (kept_tools.h); null: nothing.
    KeptTools* kept = nullptr;
};

/// The application's file in `directory`: CMakeLists.txt, main.cpp, index.ts or index.js, the first
/// that is there. Throws UsageError that lists them when none is.
std::filesystem::path find_application(const std::filesystem::path& directory);

/// The file, absolute, that load_application would load for `path`. Throws UsageError as it does.
std::filesystem::path application_file(const std::filesystem::path& path);

/// `path` is a directory (see find_application), a CMakeLists.txt, a source in C++, TypeScript or
/// JavaScript, or an executable that was built already. One process at a time builds in a project;
/// others wait. Throws UsageError for a wrong path or wrong declarations, Error when it does not
/// build, does not describe itself, or would not run on Lambda.
BuiltApplication load_application(const std::filesystem::path& path,
                                  const LoadOptions& options = {});

} // namespace nimbus::frontends
