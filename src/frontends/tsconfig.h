#pragma once

#include "base/json.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// The options of TypeScript's compiler that an author chose (TypeScript documentation, "TSConfig
/// Reference"). esbuild honours by itself those that say how a file is read on its own; for the
/// others see `refusal` and decorator_metadata.h.
namespace nimbus::frontends {

struct TsConfig {
    std::filesystem::path file;
    /// compilerOptions, over those of the configurations that it extends. `baseUrl` and `paths` are
    /// absolute.
    json::object options;
    std::vector<std::filesystem::path> files; ///< all that were read, `file` among them

    bool asks_for(std::string_view option) const;
    /// By which packages choose among the files that they export (`customConditions`).
    std::vector<std::string> custom_conditions() const;
};

/// What TypeScript, and esbuild, takes for a source: the nearest one above it; nothing when there
/// is none. One that is no JSON has no options: esbuild says what is wrong with it.
std::optional<TsConfig> tsconfig_for(const std::filesystem::path& source);

/// Throws Error, with the way out, for options that change what a program means and that no bundle
/// can honour. `has_jsx`: sources that it is for contain JSX. `project` shortens names of files.
void require_bundleable(const TsConfig& config, bool has_jsx, const std::filesystem::path& project);

} // namespace nimbus::frontends
