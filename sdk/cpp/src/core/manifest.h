#pragma once

#include "core/application.h"
#include "core/manifest_writer.h"

namespace nimbus::detail {

/// The manifest of all that the program has declared. Throws Error where an option and its former
/// name contradict each other, where declarations of one function do, and where the name of a
/// shared function is another function's; what else may be in it, the engine knows.
ManifestWriter describe(const Application& application);

} // namespace nimbus::detail
