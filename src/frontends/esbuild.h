#pragma once

#include "frontends/front_end.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// esbuild, which makes one file of an application and all that it imports.
namespace nimbus::frontends {

/// What esbuild says about a place in a source.
struct BundlerMessage {
    bool is_error = false;
    std::string text;
    std::string file;                 ///< as seen from the project; empty: about no file
    int line = 0;                     ///< from 1
    int column = 0;                   ///< from 1, as editors count
    std::vector<std::string> excerpt; ///< the line and what in it is meant

    bool operator==(const BundlerMessage&) const = default;
};

/// Reads what esbuild prints for people: its command line prints nothing else.
std::vector<BundlerMessage> bundler_messages(std::string_view output);

/// "index.ts:3:5: Unexpected …"
std::string place_and_text(const BundlerMessage& message);

struct BundlerRun {
    bool success = false;
    std::vector<BundlerMessage> messages;
    std::string output; ///< as it came
};

/// Of a bundle: what Node reads at once, or what may wait while it is loaded.
enum class ModuleFormat { commonjs, esm };

/// One file to be made of one module and all that it imports.
struct BundlerTask {
    std::filesystem::path entry;
    std::filesystem::path outfile;
    std::filesystem::path metafile;
    std::vector<std::string> external{};                    ///< packages that are left to `require`
    std::map<std::string, std::filesystem::path> aliases{}; ///< modules in place of packages
    ModuleFormat format = ModuleFormat::commonjs;
    std::vector<std::string> conditions{}; ///< custom ones, of exports of packages
    std::filesystem::path tsconfig{};      ///< instead of those that are found; empty: these
    /// Of files that are bundled as if they held this.
    std::map<std::filesystem::path, std::string> contents{};
    /// For a debugger: statements stay as they are written, and the map says where the sources are.
    bool is_development = false;
};

/// A statement for the module that a bundle begins with: it has esbuild give no module's name to
/// what every bundle declares.
std::string reserved_names(ModuleFormat format);

/// Without `contents`, which the command line has no option for.
std::vector<std::string> bundler_command(const std::filesystem::path& esbuild,
                                         const BundlerTask& task);
/// Runs it in the project, or has the one run that the request keeps (kept_tools.h).
BundlerRun run_bundler(const std::filesystem::path& esbuild, const BundlerTask& task,
                       const BuildRequest& request);

} // namespace nimbus::frontends
