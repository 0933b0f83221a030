#pragma once

#include "deploy/extras.h"

namespace nimbus::deploy::timer {

/// Further schedules in our schedule group.
std::vector<Extra> extras(World& world, Reads& reads, const Present& present);

} // namespace nimbus::deploy::timer
