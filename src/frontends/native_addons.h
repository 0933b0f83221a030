#pragma once

#include "frontends/front_end.h"

#include <string>
#include <vector>

namespace nimbus::frontends {

/// Throws Error when Node addons (sources that end in .node) among `files` are for the other one of
/// Lambda's architectures, or, but in packages, for another system. An addon may be there for both,
/// in packages, directories or files whose names differ in the architecture only:
/// @img/sharp-linux-x64 and @img/sharp-linux-arm64, prebuilds/linux-x64 and prebuilds/linux-arm64.
/// `name` is the application's file.
void require_addons_for(const std::string& architecture, const std::vector<PackageFile>& files,
                        const std::string& name);

} // namespace nimbus::frontends
