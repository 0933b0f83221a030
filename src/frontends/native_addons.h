#pragma once

#include "frontends/front_end.h"

#include <string>
#include <vector>

namespace nimbus::frontends {

/// Throws Error when Node addons (files that end in .node) among `files` are for the other one of
/// Lambda's architectures. A package may bring its addon for both, in directories whose names
/// differ in the architecture only: prebuilds/linux-x64, prebuilds/linux-arm64. `name` is the
/// application's file.
void require_addons_for(const std::string& architecture, const std::vector<PackageFile>& files,
                        const std::string& name);

} // namespace nimbus::frontends
