#pragma once

#include "base/json.h"
#include "manifest/manifest.h"
#include "manifest/problems.h"
#include "manifest/reader.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::manifest {

/// What functions may name in `uses`.
struct Usable {
    std::string name;
    /// The variables that its users find, with values as long as real ones: Lambda limits their
    /// size.
    std::map<std::string, std::string> environment;
};

/// One list of a manifest. A kind of resource brings its own: how its elements are read, checked
/// and written. The functions that are null have nothing to do.
struct Section {
    std::string_view name; ///< of the list, in JSON and in the paths of problems

    /// Reads the list out of the document into `declared`, and reports what is wrong with single
    /// values.
    void (*read)(ObjectReader& document, Manifest& manifest, Problems& problems);
    json::array (*write)(const Manifest& manifest);
    /// What single values cannot tell. `manifest` has its defaults filled in; empty names are those
    /// that were reported already.
    void (*check)(const Manifest& manifest, Problems& problems) = nullptr;

    std::vector<Usable> (*usable)(const Manifest& manifest) = nullptr;

    /// The stage of an application that does not say its own, or "".
    std::string (*stage)(const Manifest& manifest) = nullptr;
    /// Fills in what depends on the application's stage.
    void (*complete)(Manifest& manifest) = nullptr;
    /// The application's stage was replaced.
    void (*move_to_stage)(Manifest& manifest) = nullptr;
    /// The application became a preview, in the stage that it has. Throws UsageError where it
    /// cannot be one.
    void (*make_preview)(Manifest& manifest) = nullptr;
    /// Reads the files that elements name, in the project's directory, into `declared`. Returns
    /// what it read, and the directories whose names it went by. Throws Error that names the file.
    std::vector<std::filesystem::path> (*read_files)(const std::filesystem::path& project,
                                                     Manifest& manifest) = nullptr;
};

using Sections = std::span<const Section>;

} // namespace nimbus::manifest
