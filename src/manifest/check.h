#pragma once

#include "manifest/manifest.h"
#include "manifest/problems.h"

namespace nimbus::manifest {

/// What the single values cannot tell: names declared twice, references to nothing, routes that
/// match the same requests, environments that do not fit. `manifest` has its defaults filled in;
/// empty names are those that were reported already.
void check_relations(const Manifest& manifest, Problems& problems);

} // namespace nimbus::manifest
