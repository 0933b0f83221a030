#pragma once

#include "manifest/manifest.h"
#include "manifest/problems.h"
#include "manifest/reader.h"

#include <string>

/// "files" in the manifest: what goes to the functions with the code. Found among the manifest's
/// declarations.
namespace nimbus::manifest {

/// One of them: public/**, data/*.json; relative to the application's directory.
struct FilePattern {
    std::string text;

    bool operator==(const FilePattern&) const = default;
};

void read_files(ObjectReader& document, Manifest& manifest, Problems& problems);
json::array files_of(const Manifest& manifest);

} // namespace nimbus::manifest
