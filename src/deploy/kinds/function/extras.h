#pragma once

#include "deploy/extras.h"

namespace nimbus::deploy::function {

/// Further policies of our roles, and statements in our functions' resource policies.
std::vector<Extra> extras(World& world, Reads& reads, const Present& present);

} // namespace nimbus::deploy::function
