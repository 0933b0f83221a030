#pragma once

#include "frontends/front_end.h"

#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::frontends {

/// Puts the files into an archive below `place`, or finds the one that was made of the same
/// contents before. Deterministic: equal files give equal bytes, whoever packs them, when and
/// where.
Package package_files(std::vector<PackageFile> files, const std::filesystem::path& place,
                      const LoadOptions& options);

} // namespace nimbus::frontends
